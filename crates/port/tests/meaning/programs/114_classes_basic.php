<?php
// Properties, constants, static members.
class Order
{
    public const CURRENCY = 'CNY';
    private const PREFIX = 'NO';
    public static int $made = 0;
    protected array $lines = [];
    private string $no;

    public function __construct(string $no, private int $discount = 0)
    {
        $this->no = self::PREFIX . $no;
        self::$made++;
    }

    public function add(string $sku, int $price, int $qty = 1): self
    {
        $this->lines[] = compact('sku', 'price', 'qty');
        return $this;
    }

    public function total(): int
    {
        $sum = 0;
        foreach ($this->lines as $line) {
            $sum += $line['price'] * $line['qty'];
        }
        return max(0, $sum - $this->discount);
    }

    public function no(): string
    {
        return $this->no;
    }

    public static function free(): static
    {
        return new static('FREE', PHP_INT_MAX);
    }
}

$order = (new Order('1', 50))->add('tea', 100, 2)->add('cup', 30);
echo $order->no(), ' ', $order->total(), ' ', Order::CURRENCY, ' ', Order::free()->add('x', 5)->total(), ' ', Order::$made, "\n";
