<?php
// Arrays out of nothing.
print_r(array_fill(5, 3, 'x'));
echo implode(',', range(1, 5)), ' ', implode(',', range(0, 10, 5)), ' ', implode(',', range(5, 1, 2)), ' ', implode(',', range('a', 'e')), "\n";
print_r(array_chunk(['a', 'b', 'c', 'd', 'e'], 2));
print_r(array_chunk(['x' => 1, 'y' => 2, 'z' => 3], 2, true));
print_r(array_pad([1, 2], 4, 0));
print_r(array_pad([1, 2], -3, 9));
echo implode(',', array_reverse([1, 2, 3])), "\n";
print_r(array_reverse(['a' => 1, 2, 3], true));
