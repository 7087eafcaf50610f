<?php
// Folding.
$items = [['price' => 1999, 'qty' => 2], ['price' => 500, 'qty' => 1]];
$total = array_reduce($items, fn ($carry, $item) => $carry + $item['price'] * $item['qty'], 0);
echo $total, "\n";
echo array_sum([1, 2, 3.5]), ' ', array_sum([]), ' ', array_product([2, '3']), ' ', array_product([]), "\n";
var_dump(array_reduce([], fn ($c, $i) => $c + $i));
echo array_sum(array_column($items, 'price')), ' ', max(array_column($items, 'qty')), ' ', min(3, '2', 5), "\n";
echo max([1, 5, 3]), ' ', max('apple', 'banana'), ' ', max('10', 9), ' ', max(1, 1.5), "\n";
