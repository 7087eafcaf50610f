<?php
// parent::__construct, parent::method on several levels, self:: and static:: in what is inherited.
class Account
{
    protected string $currency = 'CNY';
    private array $log = [];

    public function __construct(protected string $owner, int $fen = 0)
    {
        // Never less than nothing.
        $this->fen = $fen < 0 ? 0 : $fen;
    }

    protected int $fen = 0;

    protected function write(string $line): void
    {
        $this->log[] = $line;
    }

    public function deposit(int $fen): static
    {
        $this->fen += $fen;
        $this->write("deposit $fen");
        return $this;
    }

    public function describe(): string
    {
        return $this->owner . ' ' . $this->fen . ' ' . $this->currency . ' [' . implode(',', $this->log) . ']';
    }

    public static function kind(): string
    {
        return 'account';
    }
}

class Savings extends Account
{
    private float $rate;

    public function __construct(string $owner, float $rate)
    {
        parent::__construct(strtoupper($owner), 100);
        $this->rate = $rate;
    }

    // With something on top.
    public function deposit(int $fen): static
    {
        parent::deposit($fen + 1);
        return $this;
    }

    public function describe(): string
    {
        return parent::describe() . ' at ' . $this->rate;
    }

    public static function kind(): string
    {
        return parent::kind() . ' of savings';
    }
}

final class Joint extends Savings
{
    public function __construct(string $owner, private string $other)
    {
        parent::__construct($owner . '+' . $other, 2.5);
    }

    public function describe(): string
    {
        return 'joint: ' . parent::describe() . ' with ' . $this->other;
    }

    public function deposit(int $fen): static
    {
        return parent::deposit($fen * 2);
    }
}

echo (new Account('ann', -5))->deposit(3)->describe(), "\n";
$savings = new Savings('bob', 1.5);
echo $savings->deposit(10)->describe(), ' ', Savings::kind(), "\n";
$joint = new Joint('cy', 'di');
$joint->deposit(10)->deposit(20);
echo $joint->describe(), ' ', Account::kind(), "\n";
