<?php
// Numbers in texts count.
var_dump('5' + '5', '5' . '5', '1.5' + '1', '2' * '3', '7' - 2, '10' % '3', -'5', +'3.0', '5' ** 2);
$total = '100';
$total += 50;
var_dump($total);
$total .= '1';
var_dump($total, $total + 0, true + true, null + 5, '0.1' + '0.2' == 0.3);
