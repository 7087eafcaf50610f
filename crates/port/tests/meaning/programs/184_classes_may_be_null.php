<?php
// Objects that may be null, and change where they are not.
class Half
{
    private int $runs = 0;

    public function run(int $fen): int
    {
        $this->runs++;
        return intdiv($fen, 2);
    }

    public function runs(): int
    {
        return $this->runs;
    }
}

function total(Half $step, int $fen): int
{
    return $step->run($fen);
}

class Holder
{
    private ?Half $half = null;

    public function set(Half $half): void
    {
        $this->half = $half;
    }

    public function go(): int
    {
        if ($this->half !== null) {
            return $this->half->run(4);
        }
        return 0;
    }

    public function runs(): int
    {
        return $this->half === null ? -1 : $this->half->runs();
    }

    public function again(): int
    {
        return $this->half ? $this->half->run(6) : 0;
    }
}

$one = null;
if (intdiv(4, 2) > 1) {
    $one = new Half();
}
if ($one !== null) {
    $one->run(3);
    echo $one->runs(), "\n";
}
echo $one === null ? 'none' : total($one, 9), ' ', $one?->runs(), "\n";
$holder = new Holder();
echo $holder->go(), ' ', $holder->runs(), ' ';
$holder->set(new Half());
echo $holder->go(), ' ', $holder->again(), ' ', $holder->runs(), "\n";
