<?php
// Thousands and decimals.
echo number_format(1234567.891), ' ', number_format(1234567.891, 2), ' ', number_format(1234567.891, 2, ',', '.'), ' ', number_format(0.5), "\n";
echo number_format(-1234.567, 1), ' ', number_format(1234.5678, 3, '.', ''), ' ', number_format(-0.4), ' ', number_format(999999.999, 2), ' ', number_format(100 / 100, 2, '.', ''), "\n";
foreach ([1, 10, 100, 12345, 0] as $fen) {
    echo number_format($fen / 100, 2, '.', ''), '元 ';
}
echo "\n";
