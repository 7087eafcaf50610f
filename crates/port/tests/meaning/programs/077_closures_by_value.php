<?php
// use copies when the closure is made.
$x = 1;
$show = function () use ($x) {
    return $x;
};
$x = 2;
echo $show(), ' ';
$arrow = fn () => $x;
$x = 3;
echo $arrow(), "\n";
$counter = function () use ($x) {
    $x++;
    return $x;
};
echo $counter(), $counter(), $x, "\n";
