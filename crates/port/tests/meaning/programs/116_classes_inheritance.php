<?php
// parent::, abstract, final, overridden.
abstract class Payment
{
    protected string $channel = 'none';

    public function __construct(protected int $amount)
    {
    }

    abstract public function fee(): int;

    public function describe(): string
    {
        return static::class . " {$this->channel} {$this->amount} fee " . $this->fee();
    }
}

class NativePayment extends Payment
{
    protected string $channel = 'native';

    public function fee(): int
    {
        return intdiv($this->amount * 6, 1000);
    }
}

class VipPayment extends NativePayment
{
    public function __construct(int $amount, private string $level)
    {
        parent::__construct($amount * 2);
    }

    public function fee(): int
    {
        return intdiv(parent::fee(), 2);
    }

    public function describe(): string
    {
        return parent::describe() . " level {$this->level}";
    }
}

foreach ([new NativePayment(10000), new VipPayment(10000, 'gold')] as $payment) {
    echo $payment->describe(), ' ', $payment instanceof NativePayment ? 'native' : '', ' ', $payment instanceof Payment ? 'payment' : '', "\n";
}
echo get_parent_class(new VipPayment(1, 'x')), "\n";
