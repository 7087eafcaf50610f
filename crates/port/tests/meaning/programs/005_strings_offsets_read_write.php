<?php
// Single bytes of a string, read, also from the end.
$s = 'hello';
echo $s[0], $s[-1], "\n";
var_dump(isset($s[3]), isset($s[20]), $s[20] ?? 'none');
echo "{$s[1]}$s[2]\n";
