<?php
// Closures whose arguments may be left out, or are given by name.
$price = function (int $fen, string $sign = '¥', int $digits = 2): string {
    return $sign . number_format($fen / 100, $digits, '.', '');
};
echo $price(1234), ' ', $price(1234, '$'), ' ', $price(1234, digits: 0), ' ', $price(sign: '', fen: 5), "\n";
$join = fn (string $a, string $b = 'b', ?string $c = null): string => $a . $b . ($c ?? '-');
echo $join('a'), $join('a', 'x'), $join('a', c: 'c'), "\n";
$add = static fn ($a, $b = 10) => $a + $b;
echo $add(1), ' ', $add(1, 2), "\n";
function twice(callable $do): string
{
    return $do(1) . $do(2, 'z');
}
echo twice(function (int $n, string $with = 'y'): string {
    return $n . $with;
}), "\n";
