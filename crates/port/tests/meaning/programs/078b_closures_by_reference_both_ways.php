<?php
// The variable is the same on both sides.
$total = 0;
$add = function (int $n) use (&$total): void {
    $total += $n;
};
$add(5);
$total = 100;
$add(1);
echo $total, "\n";
$fib = function (int $n) use (&$fib): int {
    return $n < 2 ? $n : $fib($n - 1) + $fib($n - 2);
};
echo $fib(15), "\n";
