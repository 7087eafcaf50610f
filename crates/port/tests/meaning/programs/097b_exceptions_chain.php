<?php
// What was before an exception.
try {
    try {
        throw new DomainException('bottom');
    } catch (DomainException $e) {
        throw new RuntimeException('wrapped', 2, $e);
    }
} catch (RuntimeException $e) {
    $depth = 0;
    for ($p = $e; $p !== null; $p = $p->getPrevious()) {
        echo str_repeat('  ', $depth++), $p->getMessage(), "\n";
    }
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
