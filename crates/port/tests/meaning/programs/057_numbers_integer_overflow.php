<?php
// Beyond the largest integer there are floats.
var_dump(PHP_INT_MAX, PHP_INT_MAX + 1, PHP_INT_MIN, -PHP_INT_MAX - 2, PHP_INT_MAX * 2, 9223372036854775807, 9223372036854775808);
$n = PHP_INT_MAX;
$n++;
var_dump($n, is_int($n), is_float($n));
$m = PHP_INT_MIN;
$m--;
var_dump($m);
$f = 1;
for ($i = 1; $i <= 22; $i++) {
    $f *= $i;
}
var_dump($f);
var_dump(0xFF, 0b101, 0o17, 017, 1_000_000, PHP_INT_SIZE, -PHP_INT_MIN);
