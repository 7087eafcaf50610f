<?php
// Tables of rows.
$rows = [
    ['id' => 3, 'name' => 'Ann', 'age' => 20],
    ['id' => 7, 'name' => 'Bob'],
    ['id' => 9, 'name' => 'Cid', 'age' => 31],
];
print_r(array_column($rows, 'name'));
print_r(array_column($rows, 'name', 'id'));
print_r(array_column($rows, 'age', 'name'));
print_r(array_column($rows, null, 'id')[7]);
print_r(array_combine(['a', 'b'], [1, 2]));
print_r(array_fill_keys(['x', 'y'], 0));
print_r(array_flip(['a', 'b', 'a']));
