<?php
// A bucket of tokens with a clock that is given.
class Bucket
{
    private float $tokens;
    private int $last;

    public function __construct(private int $capacity, private float $perSecond, int $now)
    {
        $this->tokens = $capacity;
        $this->last = $now;
    }

    public function take(int $now): bool
    {
        $this->tokens = min($this->capacity, $this->tokens + ($now - $this->last) * $this->perSecond);
        $this->last = $now;
        if ($this->tokens < 1) {
            return false;
        }
        $this->tokens--;
        return true;
    }

    public function left(): float
    {
        return $this->tokens;
    }
}

$bucket = new Bucket(2, 0.5, 100);
foreach ([100, 100, 100, 102, 103, 110] as $now) {
    echo $now, ' ', $bucket->take($now) ? 'ok' : 'wait', ' ', $bucket->left(), "\n";
}
