<?php
// Arrays keep the order in which keys were first written.
$a = ['b' => 1, 'a' => 2];
$a['c'] = 3;
$a['b'] = 9;
unset($a['a']);
$a['a'] = 4;
foreach ($a as $key => $value) {
    echo "$key=$value ";
}
echo "\n", json_encode($a), ' ', implode(',', array_keys($a)), "\n";
$list = [5 => 'five', 1 => 'one'];
$list[] = 'six';
print_r($list);
echo array_key_first($list), ' ', array_key_last($list), ' ', count($list), "\n";
