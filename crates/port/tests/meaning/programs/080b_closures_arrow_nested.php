<?php
// An arrow function that assigns changes a copy; and one in another.
$n = 1;
$try = fn () => $n++;
echo $try(), $try(), $n, "\n";
$nested = fn ($a) => fn ($b) => $a + $b + $n;
echo $nested(10)(100), "\n";
