<?php
// Parameters by reference.
function addTax(array &$order, float $rate): void
{
    $order['tax'] = (int) ($order['total'] * $rate);
    $order['lines'][] = 'tax';
}

function swap(&$a, &$b): void
{
    [$a, $b] = [$b, $a];
}

function fill(?string &$out): bool
{
    $out = 'filled';
    return true;
}

$order = ['total' => 1000];
addTax($order, 0.06);
echo json_encode($order), "\n";
$x = 'left';
$y = 'right';
swap($x, $y);
echo "$x $y\n";
if (fill($result)) {
    echo $result, "\n";
}
