<?php
// A variable of one loop is the reference of another.
$prices = ['tea' => ['cny' => 10, 'usd' => 2]];
foreach ($prices as $list) {
    echo json_encode($list), "\n";
}
foreach ($prices as $name => &$list) {
    $list['name'] = $name;
}
unset($list);
echo json_encode($prices), "\n";
