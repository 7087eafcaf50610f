<?php
// A closure inside a method has $this.
class Cart
{
    private array $items = ['tea' => 2, 'cup' => 3];
    private int $factor = 10;

    public function totals(): array
    {
        return array_map(function ($n) {
            return $n * $this->factor;
        }, $this->items);
    }

    public function describe(): string
    {
        $prefix = 'item';
        return implode(';', array_map(fn ($k) => "$prefix $k={$this->items[$k]}", array_keys($this->items)));
    }
}

$cart = new Cart();
print_r($cart->totals());
echo $cart->describe(), "\n";
