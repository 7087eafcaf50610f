<?php
// Differences and intersections.
print_r(array_diff([1, 2, 3, 4], [2, 4]));
print_r(array_diff_key(['a' => 1, 'b' => 2], ['a' => 9]));
print_r(array_diff_assoc(['a' => 1, 'b' => 2], ['a' => 1, 'b' => 3]));
print_r(array_intersect(['a' => 'green', 'b' => 'red'], ['red']));
print_r(array_intersect_key(['a' => 1, 'b' => 2, 'c' => 3], array_flip(['a', 'c'])));
$allowed = ['appid', 'mchid', 'description'];
$input = ['mchid' => '19', 'evil' => 'x', 'appid' => 'wx'];
echo json_encode(array_intersect_key($input, array_flip($allowed))), "\n";
echo implode(',', array_diff($allowed, array_keys($input))), "\n";
