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
    $depth = 0;
    for ($p = $e; $p !== null; $p = $p->getPrevious()) {
        echo "\n", str_repeat('  ', $depth++), $p->getMessage();
    }
    echo "\n";
}
try {
    try {
        throw new Exception('first');
    } finally {
        throw new Exception('second');
    }
} catch (Exception $e) {
    echo $e->getMessage(), ' <- ', $e->getPrevious()?->getMessage(), "\n";
}
