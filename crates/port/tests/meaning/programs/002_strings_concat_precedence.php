<?php
// In PHP 8 plus and minus bind tighter than the dot.
$a = 3;
$b = 4;
echo 'sum: ' . $a + $b . "\n";
echo "sum: " . ($a - $b) . "\n";
echo '1' . 2 . 3.0 . true . false . null . "|\n";
echo -2 . 'x' . "\n";
$s = 'a';
$s .= 'b' . 1;
$s .= 2.50;
echo $s, "\n";
