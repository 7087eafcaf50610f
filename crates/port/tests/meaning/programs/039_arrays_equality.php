<?php
// Equal arrays need not have one order, identical ones must.
var_dump(['a' => 1, 'b' => 2] == ['b' => 2, 'a' => 1]);
var_dump(['a' => 1, 'b' => 2] === ['b' => 2, 'a' => 1]);
var_dump([1, 2] == ['1', '2'], [1, 2] === ['1', '2'], [0 => 'a', 1 => 'b'] === ['a', 'b']);
var_dump([1, 2] == [2, 1], [] == false, [0] == true, [] == null);
var_dump([1, 2, 3] <=> [1, 2, 4], [1, 2] <=> [1, 1, 1], [5] > [1]);
var_dump(array_is_list([1, 2]), array_is_list([1 => 'a']), array_is_list([]));
