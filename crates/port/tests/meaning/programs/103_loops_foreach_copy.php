<?php
// foreach walks a copy.
$a = [1, 2, 3];
foreach ($a as $i => $v) {
    if ($i === 0) {
        $a[1] = 'changed';
        unset($a[2]);
    }
    echo $v, ' ';
}
echo json_encode($a), "\n";
$queue = ['a'];
for ($i = 0; $i < count($queue); $i++) {
    if (count($queue) < 4) {
        $queue[] = $queue[$i] . 'x';
    }
}
echo implode(',', $queue), "\n";
$m = ['one' => 1, 'two' => 2, 'three' => 3];
foreach ($m as $k => $v) {
    if ($v % 2) {
        unset($m[$k]);
    }
}
print_r($m);
