<?php
// Rethrown, nested, in order.
function step(int $n): void
{
    try {
        echo "start $n; ";
        if ($n === 0) {
            throw new DomainException('bottom');
        }
        step($n - 1);
        echo 'not reached; ';
    } catch (DomainException $e) {
        echo "catch $n; ";
        throw $n === 2 ? new RuntimeException("wrapped at $n", $n, $e) : $e;
    } finally {
        echo "finally $n; ";
    }
}

try {
    step(2);
} catch (RuntimeException $e) {
    echo "\n", $e->getMessage(), ' ', $e->getCode(), "\n";
}
