<?php
// An array that is handed on is a copy.
$a = ['x' => ['y' => 1]];
$b = $a;
$b['x']['y'] = 2;
$b['z'] = 3;
echo json_encode($a), json_encode($b), "\n";

function change(array $list): array
{
    $list[] = 'added';
    sort($list);
    return $list;
}

$list = ['m', 'c'];
$changed = change($list);
echo implode(',', $list), ' ', implode(',', $changed), "\n";
foreach ($list as $item) {
    $list[] = $item . '2';
}
echo implode(',', $list), "\n";
