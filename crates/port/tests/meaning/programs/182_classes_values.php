<?php
// Objects that do not change once they are made: with…() gives a changed copy.
class Money
{
    private function __construct(private int $fen) {}
    public static function fen(int $fen): self { return new self($fen); }
    public function plus(Money $other): self { return new self($this->fen + $other->fen); }
    public function with(int $fen): static { $new = clone $this; $new->fen = $fen; return $new; }
    public function text(): string { return (string) $this->fen; }
}
class Line
{
    public function __construct(private string $name, private Money $price) {}
    public function price(): Money { return $this->price; }
    public function name(): string { return $this->name; }
}
class Cart
{
    /** @var Line[] */
    private array $lines = [];
    private ?Money $discount = null;
    public function add(Line $line): self { $this->lines[] = $line; return $this; }
    public function discount(Money $money): self { $this->discount = $money; return $this; }
    public function total(): Money
    {
        $sum = Money::fen(0);
        foreach ($this->lines as $line) {
            $sum = $sum->plus($line->price());
        }
        if ($this->discount !== null) {
            $sum = $sum->plus($this->discount);
        }
        return $sum;
    }
    public function names(): string
    {
        $names = [];
        foreach ($this->lines as $i => $line) {
            $names[] = $i . $line->name();
        }
        return implode(',', $names);
    }
    /** @return Line[] */
    public function lines(): array { return $this->lines; }
}
$cart = (new Cart())->add(new Line('tea', Money::fen(100)))->add(new Line('cup', Money::fen(250)));
echo $cart->total()->text(), ' ', $cart->names(), "\n";
$cart->discount(Money::fen(-50));
echo $cart->total()->with(7)->text(), ' ', $cart->total()->text(), ' ', count($cart->lines()), "\n";
foreach ($cart->lines() as $line) {
    echo $line->name(), '=', $line->price()->text(), "\n";
}
