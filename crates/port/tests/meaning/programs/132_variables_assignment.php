<?php
// Assignments are expressions.
$a = $b = 5;
$c = ($d = 3) + 1;
echo $a, $b, $c, $d, "\n";
if (($pos = strpos('abc', 'c')) !== false) {
    echo $pos, "\n";
}
$i = 5;
echo $i++ + ++$i, ' ', $i, ' ', $i-- - --$i, ' ', $i, "\n";
$x = ['n' => 1];
echo $x['n']++, $x['n'], ++$x['n'], "\n";
$n = null;
$n ??= 'default';
$k = 7;
$k **= 2;
$k %= 10;
$k -= 1;
$k *= 3;
$k /= 2;
var_dump($n, $k);
