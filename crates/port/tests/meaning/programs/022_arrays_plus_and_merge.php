<?php
// `+` keeps the left, array_merge takes the right and numbers anew, spread is like merge.
$defaults = ['timeout' => 5, 'retry' => 3, 0 => 'zero'];
$given = ['retry' => 1, 'debug' => true, 0 => 'null', 1 => 'one'];
print_r($given + $defaults);
print_r(array_merge($defaults, $given));
print_r([...$defaults, ...$given]);
print_r(array_replace($defaults, $given));
$x = [1, 2];
$x += [7, 8, 9];
echo implode(',', $x), "\n";
