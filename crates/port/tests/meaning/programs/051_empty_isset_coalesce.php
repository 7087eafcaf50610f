<?php
// empty, isset and ?? on what is there and what is not.
$a = ['zero' => 0, 'text0' => '0', 'null' => null, 'space' => ' ', 'list' => [], 'nested' => ['x' => 1], 'f' => 0.0, 'no' => false];
foreach (array_keys($a) as $key) {
    echo $key, ' ', empty($a[$key]) ? 'empty' : 'full', ' ', isset($a[$key]) ? 'set' : 'unset', "\n";
}
var_dump(empty($a['missing']), isset($a['missing']['deep']), isset($a['nested']['x'], $a['zero']), isset($a['nested']['x'], $a['null']));
echo $a['missing'] ?? 'default', ' ', $a['null'] ?? 'null', ' ', $a['zero'] ?? 'z', ' ', $a['x']['y']['z'] ?? 'deep', "\n";
$a['count'] ??= 10;
$a['count'] ??= 20;
$a['null'] ??= 'filled';
echo $a['count'], $a['null'], "\n";
