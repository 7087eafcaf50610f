<?php
// ksort of mixed keys, and in the order of bytes.
$params = ['b' => 1, 'a' => 2, 'B' => 3, '10' => 4, '9' => 5];
ksort($params, SORT_STRING);
echo json_encode($params), "\n";
$fields = ['total_fee' => 1, 'appid' => 'wx', 'mch_id' => '19', 'Zed' => 'z'];
ksort($fields);
echo implode('&', array_map(fn ($k, $v) => "$k=$v", array_keys($fields), $fields)), "\n";
$numbers = [10 => 'x', 9 => 'y', 1 => 'z'];
ksort($numbers);
echo json_encode($numbers), "\n";
