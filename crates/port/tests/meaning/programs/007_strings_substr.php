<?php
// substr with every kind of argument.
$s = 'abcdef';
var_dump(substr($s, 1), substr($s, -2), substr($s, 1, 3), substr($s, 1, -2), substr($s, -3, 2));
var_dump(substr($s, 6), substr($s, 10), substr($s, 0, -10), substr($s, -10, 3), substr($s, 2, 0), substr($s, 2, null));
echo substr_replace($s, 'XY', 1, 2), ' ', substr_replace($s, '***', -3), ' ', substr_replace($s, '-', 3, 0), "\n";
