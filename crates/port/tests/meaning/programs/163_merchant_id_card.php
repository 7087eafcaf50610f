<?php
// 身份证号校验位。
function valid(string $id): bool
{
    if (strlen($id) !== 18) {
        return false;
    }
    $weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    $sum = 0;
    for ($i = 0; $i < 17; $i++) {
        if (!ctype_digit($id[$i])) {
            return false;
        }
        $sum += $id[$i] * $weights[$i];
    }
    return strtoupper($id[17]) === '10X98765432'[$sum % 11];
}

foreach (['11010519491231002X', '110105194912310021', '1101', '11010519491231002x', 'a1010519491231002X'] as $id) {
    echo $id, ' ', var_export(valid($id), true), ' ', strlen($id) === 18 ? substr($id, 6, 4) . '-' . substr($id, 10, 2) : '-', "\n";
}
