<?php
// Objects as functions and as texts.
class Multiplier
{
    public function __construct(private int $by)
    {
    }

    public function __invoke(int $n): int
    {
        return $n * $this->by;
    }

    public function __toString(): string
    {
        return "x{$this->by}";
    }
}

$double = new Multiplier(2);
echo $double(21), ' ', $double, ' ', implode(',', array_map($double, [1, 2, 3])), ' ', "[$double]", ' ', (string) $double === 'x2' ? 'equal' : 'no', "\n";
echo str_replace('x', 'times ', $double), ' ', is_callable($double) ? 'callable' : '', ' ', $double instanceof Stringable ? 'stringable' : '', "\n";
