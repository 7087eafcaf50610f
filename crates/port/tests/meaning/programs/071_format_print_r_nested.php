<?php
// Dumps of nested values.
$value = ['id' => 1, 'tags' => ['a', 'b'], 'none' => null, 'yes' => true, 'no' => false, 'f' => 1.0, 'empty' => [], 'deep' => ['x' => ['y' => 'z']]];
print_r($value);
echo print_r([1], true), print_r('text', true), print_r(null, true), "\n";
var_dump($value);
