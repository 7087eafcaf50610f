<?php
// Arguments out of an array, by name and by position.
function order(string $no, int $total = 100, string $currency = 'CNY'): string
{
    return "$no $total $currency";
}

$args = ['no' => 'F', 'total' => 9];
echo order(...$args), "\n", order(...['G', 7, 'HKD']), "\n";
