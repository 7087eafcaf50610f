<?php
// References to elements.
$a = [1, 2, 3];
$r = &$a[1];
$r = 20;
echo implode(',', $a), "\n";
$config = ['db' => ['host' => 'x']];
$db = &$config['db'];
$db['host'] = 'y';
$db['port'] = 3306;
unset($db);
$db = 'nothing';
echo json_encode($config), "\n";
$list = [1, 2];
$copy = $list;
$ref = &$copy[0];
$ref = 'changed';
echo json_encode($list), json_encode($copy), "\n";
