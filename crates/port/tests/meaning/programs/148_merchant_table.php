<?php
// A table on the terminal.
$rows = [
    ['no' => 'A1001', 'name' => 'tea', 'amount' => 1999, 'state' => 'SUCCESS'],
    ['no' => 'A2', 'name' => 'porcelain cup', 'amount' => 50, 'state' => 'REFUND'],
];
$widths = [];
foreach ($rows as $row) {
    foreach ($row as $column => $cell) {
        $widths[$column] = max($widths[$column] ?? strlen($column), strlen((string) $cell));
    }
}
$line = '+';
foreach ($widths as $width) {
    $line .= str_repeat('-', $width + 2) . '+';
}
echo $line, PHP_EOL, '|';
foreach ($widths as $column => $width) {
    echo ' ', str_pad(ucfirst($column), $width), ' |';
}
echo "\n$line\n";
foreach ($rows as $row) {
    echo '|';
    foreach ($row as $column => $cell) {
        echo ' ', str_pad((string) $cell, $widths[$column], ' ', is_int($cell) ? STR_PAD_LEFT : STR_PAD_RIGHT), ' |';
    }
    echo "\n";
}
echo $line, "\n";
