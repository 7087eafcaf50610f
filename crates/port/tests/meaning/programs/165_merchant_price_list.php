<?php
// array() and old style, as it is still found.
$list = array(
    array('id' => 1, 'name' => '红茶', 'price' => '19.90'),
    array('id' => 2, 'name' => '绿茶', 'price' => '5'),
);
$total = 0;
for ($i = 0; $i < sizeof($list); $i++) {
    $item = $list[$i];
    $total = $total + $item['price'];
    echo $item['id'] . '. ' . $item['name'] . ' ' . sprintf("%.2f", $item['price']) . "\n";
}
echo 'Total: ' . $total . ' / ' . sprintf("%01.2f", $total) . "\n";
while (list($key, $value) = each_pair($list)) {
    echo $key . ':' . $value['name'] . ' ';
    unset($list[$key]);
}
echo count($list) . "\n";
function each_pair($array)
{
    foreach ($array as $key => $value) {
        return array($key, $value);
    }
    return null;
}
