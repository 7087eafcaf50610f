<?php
// Tries again, and gives up.
class Busy extends Exception
{
}

function call(int &$attempt, int $succeedsAt): string
{
    $attempt++;
    if ($attempt < $succeedsAt) {
        throw new Busy("busy at $attempt");
    }
    return "answer at $attempt";
}

function retry(callable $operation, int $times, int $delay = 0)
{
    $last = null;
    for ($i = 1; $i <= $times; $i++) {
        try {
            return $operation();
        } catch (Busy $e) {
            $last = $e;
            echo "attempt $i: {$e->getMessage()}\n";
            usleep($delay);
        }
    }
    throw new RuntimeException("gave up after $times", 0, $last);
}

$n = 0;
echo retry(function () use (&$n) {
    return call($n, 3);
}, 5), "\n";
$n = 0;
try {
    retry(fn () => throw new Busy('always'), 2, 10);
} catch (RuntimeException $e) {
    echo $e->getMessage(), ': ', $e->getPrevious()->getMessage(), "\n";
}
