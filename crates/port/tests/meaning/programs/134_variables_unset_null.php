<?php
// unset, null, and what is left.
$a = ['x' => 1, 'y' => null];
unset($a['x']);
var_dump(isset($a['x']), array_key_exists('y', $a), count($a));
$v = 'set';
unset($v);
var_dump(isset($v), is_null($v ?? null));
$list = [1, 2, 3];
unset($list[0]);
echo json_encode($list), ' ', json_encode(array_values($list)), ' ', $list[0] ?? 'gone', "\n";
$n = null;
echo "[$n]", strlen((string) $n), $n ? 'yes' : 'no', count($n ?? []), "\n";
