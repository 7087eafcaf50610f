<?php
// The first and the last element.
$a = ['x' => 1, 'y' => 2, 'z' => 3];
echo reset($a), ' ', end($a), ' ', array_key_first($a), ' ', array_key_last($a), "\n";
$e = [];
var_dump(reset($e), end($e), array_key_last($e));
$path = explode('/', 'v3/pay/transactions/native');
echo end($path), "\n";
if (($last = end($path)) !== false) {
    echo strtoupper($last), "\n";
}
