<?php
// array_filter leaves holes, which JSON shows.
$numbers = [3, 0, 5, null, 8, ''];
$left = array_filter($numbers);
print_r($left);
echo json_encode($left), "\n";
echo json_encode(array_values(array_filter($numbers, fn ($n) => $n > 3))), "\n";
$fields = ['a' => '', 'b' => '0', 'c' => 'x', 'd' => null, 'sign' => 'S'];
print_r(array_filter($fields, fn ($value, $key) => $key !== 'sign' && $value !== '' && $value !== null, ARRAY_FILTER_USE_BOTH));
print_r(array_filter($fields, fn ($key) => $key > 'b', ARRAY_FILTER_USE_KEY));
