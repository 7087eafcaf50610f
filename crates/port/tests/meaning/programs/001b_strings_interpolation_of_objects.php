<?php
// Properties inside double quotes.
class Order
{
    public int $total = 12;
    public array $lines = ['tea' => 2];
}

$object = new Order();
echo "Total: $object->total, {$object->total}.00\n";
echo "Lines: {$object->lines['tea']}\n";
