<?php
// The reference outlives the loop.
$a = [1, 2, 3];
foreach ($a as &$v) {
    $v *= 10;
}
echo implode(',', $a), "\n";
foreach ($a as $v) {
}
echo implode(',', $a), "\n";
$b = [1, 2, 3];
foreach ($b as $k => &$w) {
    if ($k === 0) {
        $b[] = 4;
    }
    $w++;
}
unset($w);
$w = 99;
echo implode(',', $b), "\n";
