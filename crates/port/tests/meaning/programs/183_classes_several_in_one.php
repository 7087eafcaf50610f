<?php
// A variable and a list that have objects of several classes.
interface Step
{
    public function run(int $fen): int;
}

class Add implements Step
{
    public function __construct(private int $fen)
    {
    }

    public function run(int $fen): int
    {
        return $fen + $this->fen;
    }
}

class Half implements Step
{
    private int $runs = 0;

    public function run(int $fen): int
    {
        $this->runs++;
        return intdiv($fen, 2);
    }
}

function first(bool $half): Step
{
    if ($half) {
        $step = new Half();
    } else {
        $step = new Add(7);
    }
    return $step;
}

function total(Step $step, int $fen): int
{
    return $step->run($fen);
}

function both(int $fen): int
{
    $steps = [];
    $steps[] = new Add(10);
    $steps[] = new Half();
    $steps[] = first(false);
    return count($steps) + $fen;
}

echo first(true)->run(10), ' ', first(false)->run(10), ' ', both(5), "\n";
$one = null;
if (both(1) > 3) {
    $one = new Half();
}
echo $one === null ? 'none' : total($one, 9), "\n";
