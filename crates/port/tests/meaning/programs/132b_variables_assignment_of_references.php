<?php
// A second name, and an end of it.
$s = 'a';
$t = &$s;
$t .= 'b';
unset($t);
$t = 'c';
echo $s, $t, "\n";
