<?php
// An enum without values, with an interface.
interface HasColor
{
    public function color(): string;
}

enum Suit implements HasColor
{
    case Hearts;
    case Spades;

    public function color(): string
    {
        return $this === Suit::Hearts ? 'red' : 'black';
    }
}

enum Level: int
{
    case Low = 1;
    case High = 10;

    public static function fromScore(int $score): self
    {
        return $score >= self::High->value ? self::High : self::Low;
    }
}

function paint(HasColor $thing): string
{
    return $thing->color();
}

echo paint(Suit::Hearts), ' ', paint(Suit::Spades), ' ', Suit::Hearts->name, ' ', count(Suit::cases()), "\n";
echo Level::fromScore(50)->name, ' ', Level::from(1)->name, ' ', Level::Low->value + Level::High->value, "\n";
$map = [Suit::Hearts->name => 1, Suit::Spades->name => 2];
print_r($map);
