<?php
// The internal pointer of an array.
$a = ['x' => 1, 'y' => 2, 'z' => 3];
echo current($a), key($a), ' ';
echo next($a), key($a), ' ', end($a), key($a), ' ', prev($a), ' ', reset($a), "\n";
$e = [];
var_dump(reset($e), end($e), key($e));
