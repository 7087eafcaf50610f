<?php
// 购物车与优惠。
class Cart
{
    private array $items = [];
    private ?string $coupon = null;

    public function add(string $sku, int $price, int $qty = 1): void
    {
        if (isset($this->items[$sku])) {
            $this->items[$sku]['qty'] += $qty;
            return;
        }
        $this->items[$sku] = ['price' => $price, 'qty' => $qty];
    }

    public function remove(string $sku): bool
    {
        if (!isset($this->items[$sku])) {
            return false;
        }
        unset($this->items[$sku]);
        return true;
    }

    public function apply(string $coupon): void
    {
        $this->coupon = $coupon;
    }

    public function total(): int
    {
        $total = 0;
        foreach ($this->items as ['price' => $price, 'qty' => $qty]) {
            $total += $price * $qty;
        }
        return match ($this->coupon) {
            'HALF' => (int) ceil($total / 2),
            'MINUS5' => max(1, $total - 500),
            null => $total,
            default => throw new DomainException("unknown coupon {$this->coupon}"),
        };
    }
}

$cart = new Cart();
$cart->add('tea', 1999);
$cart->add('cup', 501, 2);
$cart->add('tea', 1999, 2);
echo $cart->total(), ' ';
$cart->apply('HALF');
echo $cart->total(), ' ';
$cart->apply('MINUS5');
var_dump($cart->remove('tea'), $cart->remove('tea'));
echo $cart->total(), ' ';
try {
    $cart->apply('BAD');
    $cart->total();
} catch (DomainException $e) {
    echo $e->getMessage(), "\n";
}
