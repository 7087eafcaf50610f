<?php
// ?-> stops at null.
class Address
{
    public ?string $city = 'Shenzhen';
    public ?Address $billing = null;

    public function upper(): string
    {
        return strtoupper((string) $this->city);
    }
}

class Customer
{
    public function __construct(public ?Address $address = null)
    {
    }
}

$with = new Customer(new Address());
$without = new Customer();
foreach ([$with, $without, null] as $customer) {
    echo $customer?->address?->city ?? 'nowhere', ' ', $customer?->address?->upper() ?? '-', ' ';
    var_dump($customer?->address?->billing?->city);
}
