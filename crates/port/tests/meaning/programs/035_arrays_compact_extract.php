<?php
// compact by names.
$appid = 'wx8888';
$mchid = '1900000109';
$amount = ['total' => 1];
print_r(compact('appid', 'mchid'));
echo json_encode(compact('mchid', 'amount') + ['currency' => 'CNY']), "\n";
