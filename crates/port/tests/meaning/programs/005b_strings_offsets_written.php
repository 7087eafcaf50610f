<?php
// Single bytes of a string, written, also from the end and behind it.
$s = 'hello';
$s[0] = 'J';
$s[-1] = 'y';
echo $s, "\n";
$s[7] = '!';
var_dump($s);
