<?php
// array_walk writes in place.
$prices = ['tea' => 1999, 'cup' => 500];
array_walk($prices, function (&$price, $name, $unit) {
    $price = $name . ': ' . number_format($price / 100, 2) . $unit;
}, '元');
print_r($prices);
$data = ['a' => ['b' => 1, 'c' => 2], 'd' => 3];
$sum = 0;
array_walk($data['a'], function ($v) use (&$sum) {
    $sum += $v;
});
echo $sum, "\n";
