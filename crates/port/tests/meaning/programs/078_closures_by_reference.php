<?php
// use (&$x) shares.
$total = 0;
$log = [];
$add = function (int $n) use (&$total, &$log): void {
    $total += $n;
    $log[] = "+$n";
};
$add(5);
$add(7);
echo $total, ' ', implode(' ', $log), "\n";
$total = 100;
$add(1);
echo $total, "\n";
$fib = function (int $n) use (&$fib): int {
    return $n < 2 ? $n : $fib($n - 1) + $fib($n - 2);
};
echo $fib(15), "\n";
