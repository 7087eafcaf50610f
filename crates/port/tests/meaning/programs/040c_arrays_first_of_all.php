<?php
// The pointer where it is in the beginning.
$a = ['x' => 1, 'y' => 2, 'z' => 3];
echo current($a), key($a), "\n";
$e = [];
var_dump(current($e), key($e));
