<?php
// Pieces of arrays.
$a = ['a', 'b', 'c', 'd', 'e'];
print_r(array_slice($a, 1, 2));
print_r(array_slice($a, -2, 1));
print_r(array_slice($a, 2, -1, true));
print_r(array_slice(['k' => 1, 5 => 2, 6 => 3], 1));
$removed = array_splice($a, 1, 2, ['X', 'Y', 'Z']);
print_r($removed);
print_r($a);
array_splice($a, -1);
array_splice($a, 1, 0, 'inserted');
echo implode(',', $a), "\n";
