<?php
// Single bytes of a string, read and written, also from the end.
$s = 'hello';
echo $s[0], $s[-1], "\n";
$s[0] = 'J';
$s[-1] = 'y';
echo $s, "\n";
$s[7] = '!';
var_dump($s);
var_dump(isset($s[3]), isset($s[20]), $s[20] ?? 'none');
echo "{$s[1]}$s[2]\n";
