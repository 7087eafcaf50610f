<?php
// Keys that look like integers are integers.
$a = ['1' => 'a', 1 => 'b', '01' => 'c', 1.7 => 'd', true => 'e', null => 'f', '-5' => 'g', '1.5' => 'h'];
var_dump($a);
var_dump(array_key_exists('1', $a), isset($a['']), $a['1']);
