<?php
// Keys, nested loops, what is left behind.
$prices = ['tea' => ['cny' => 10, 'usd' => 2], 'cup' => ['cny' => 5]];
foreach ($prices as $name => $list) {
    foreach ($list as $currency => $price) {
        echo "$name $currency $price; ";
    }
}
echo "\nlast: $name $currency $price\n";
foreach ($prices as $name => &$row) {
    $row['name'] = $name;
    unset($row['usd']);
}
unset($row);
echo json_encode($prices), "\n";
foreach (['x', 'y'] as $i => $letter) {
    echo $i + 1, ". $letter ";
}
foreach ([] as $none) {
    echo 'never';
}
var_dump(isset($none));
