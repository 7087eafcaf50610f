<?php
// Readonly properties, and with-ers.
final class Money
{
    public function __construct(public readonly int $fen, public readonly string $currency = 'CNY')
    {
        if ($fen < 0) {
            throw new InvalidArgumentException('negative');
        }
    }

    public function plus(Money $other): self
    {
        return new self($this->fen + $other->fen, $this->currency);
    }

    public function equals(self $other): bool
    {
        return $this->fen === $other->fen && $this->currency === $other->currency;
    }

    public function __toString(): string
    {
        return sprintf('%s %.2f', $this->currency, $this->fen / 100);
    }
}

$a = new Money(150);
$b = $a->plus(new Money(250));
echo $a, ' ', "$b", ' ', $b->fen, ' ', $b->equals(new Money(400)) ? 'equal' : 'different', ' ', strlen($a), ' ' . $a . "\n";
try {
    $a->fen = 5;
} catch (Error $e) {
    echo $e->getMessage(), "\n";
}
try {
    new Money(-1);
} catch (InvalidArgumentException $e) {
    echo $e->getMessage(), "\n";
}
