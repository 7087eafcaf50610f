<?php
// Keys stay with their values.
$stock = ['pear' => 3, 'apple' => 1, 'fig' => 3, 'date' => 2];
uasort($stock, fn ($a, $b) => $b - $a);
print_r($stock);
uksort($stock, fn ($a, $b) => strlen($a) <=> strlen($b));
print_r($stock);
asort($stock);
print_r($stock);
arsort($stock);
print_r($stock);
ksort($stock);
print_r($stock);
krsort($stock);
echo implode(',', array_keys($stock)), "\n";
