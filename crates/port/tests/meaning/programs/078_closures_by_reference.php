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
