<?php
// Finding and removing duplicates, loosely and strictly.
print_r(array_unique([1, '1', 2, 2.0, 'a', 'A', 'a']));
var_dump(in_array('1e1', ['10']), in_array('1e1', ['10'], true), in_array('abc', [0]), in_array(null, [0]), in_array(0, ['a']));
var_dump(array_search('b', ['x' => 'a', 'y' => 'b']), array_search('zz', ['a']), array_search('1', [0, 1]));
var_dump(array_key_exists('a', ['a' => null]), isset(['a' => null]['a']));
print_r(array_keys(['a' => 1, 'b' => 2, 'c' => 1], 1));
