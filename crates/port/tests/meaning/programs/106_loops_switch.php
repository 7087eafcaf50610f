<?php
// Loose comparison, continue 2.
function kind($v): string
{
    switch ($v) {
        case 0:
            return 'zero';
        case 'a':
        case 'b':
            return 'letter';
        case null:
            return 'null';
        case '1e1':
            return 'ten';
        default:
            return 'other';
    }
}

foreach ([0, '0', 'a', 'b', null, '', 10, '10', false, 'zzz', 0.0] as $v) {
    echo json_encode($v), '=', kind($v), ' ';
}
echo "\n";
foreach ([1, 2, 3, 4] as $n) {
    switch ($n) {
        case 1:
        case 2:
            echo 'one or two ';
            break;
        case 3:
            continue 2;
        default:
            echo 'many ';
    }
    echo "after $n; ";
}
echo "\n";
