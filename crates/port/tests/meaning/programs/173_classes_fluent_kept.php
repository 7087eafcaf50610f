<?php
// Builders as properties and results; methods that may throw.
class Money
{
    private int $fen = 0;
    private string $currency = 'CNY';

    public function of(int $fen): static
    {
        if ($fen < 0) {
            throw new InvalidArgumentException("negative: $fen");
        }
        $this->fen = $fen;
        return $this;
    }

    public function in(string $currency): static
    {
        $this->currency = $currency;
        return $this;
    }

    public function __toString(): string
    {
        return $this->fen . ' ' . $this->currency;
    }
}

class Order
{
    private Money $total;
    private ?Money $refund = null;
    private array $notes = [];

    public function __construct()
    {
        $this->total = (new Money())->of(0);
    }

    public static function make(): static
    {
        return new static();
    }

    public function total(int $fen): self
    {
        $this->total->of($fen)->in('USD');
        return $this;
    }

    public function refund(int $fen): self
    {
        $this->refund = (new Money())->of($fen);
        return $this;
    }

    public function inYen(): self
    {
        $this->refund?->in('JPY');
        return $this;
    }

    public function inPounds(): self
    {
        $this->refund->of(2)->in('GBP');
        return $this;
    }

    public function note(string ...$notes): self
    {
        foreach ($notes as $note) {
            $this->notes[] = $note;
        }
        return $this;
    }

    public function describe(): string
    {
        return $this->total . ' refund ' . ($this->refund?->__toString() ?? 'none') . ' ' . implode('|', $this->notes);
    }
}

echo Order::make()->total(100)->note('a', 'b')->describe(), "\n";
$order = Order::make()->total(5);
$order->refund(3)->note('c');
echo $order->describe(), "\n";
echo $order->inYen()->describe(), ' ', $order->inPounds()->describe(), ' ', Order::make()->inYen()->describe(), "\n";
try {
    $bad = Order::make()->note('before')->total(-1)->note('after');
    echo $bad->describe(), "\n";
} catch (InvalidArgumentException $e) {
    echo 'refused ', $e->getMessage(), "\n";
}
