<?php
// __clone copies what is inside.
class Customer
{
    public function __construct(public string $name)
    {
    }
}

class Invoice
{
    public array $lines = [];

    public function __construct(public Customer $customer, public int $no = 1)
    {
    }

    public function __clone()
    {
        $this->customer = clone $this->customer;
        $this->no++;
    }
}

$first = new Invoice(new Customer('Li'));
$first->lines[] = 'tea';
$second = clone $first;
$second->customer->name = 'Wang';
$second->lines[] = 'cup';
echo $first->customer->name, count($first->lines), $first->no, ' ', $second->customer->name, count($second->lines), $second->no, "\n";
