<?php
// Letters count like the columns of a spreadsheet.
$s = 'a';
for ($i = 0; $i < 3; $i++) {
    $s++;
}
echo $s, "\n";
foreach (['z', 'Az', 'zZ9', 'a9', 'Zz'] as $start) {
    $next = $start;
    $next++;
    echo $start, ' -> ', $next, "\n";
}
$number = '5';
$number++;
var_dump($number);
$float = '1.5';
$float++;
var_dump($float);
$nothing = null;
$nothing++;
var_dump($nothing);
$down = null;
$down--;
var_dump($down);
