<?php
// Functions that make functions.
function multiplier(int $by): Closure
{
    return fn (int $n): int => $n * $by;
}

function counter(): callable
{
    $count = 0;
    return function () use (&$count) {
        return ++$count;
    };
}

$double = multiplier(2);
$triple = multiplier(3);
echo $double(5), ' ', $triple(5), ' ', multiplier(4)(5), "\n";
$a = counter();
$b = counter();
echo $a(), $a(), $b(), $a(), "\n";
