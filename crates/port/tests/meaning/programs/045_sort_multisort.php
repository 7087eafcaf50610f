<?php
// Several columns.
$data = [3, 1, 2];
$names = ['c', 'a', 'b'];
array_multisort($data, $names);
echo implode(',', $data), ' ', implode(',', $names), "\n";
$rows = [['v' => 67, 'e' => 2], ['v' => 86, 'e' => 1], ['v' => 67, 'e' => 7]];
array_multisort(array_column($rows, 'v'), SORT_DESC, array_column($rows, 'e'), SORT_ASC, $rows);
echo json_encode($rows), "\n";
