<?php
// A static variable lives on.
function nextNumber(): int
{
    static $n = 100;
    $n += 5;
    return $n;
}

function cached(string $key): string
{
    static $cache = [];
    if (!isset($cache[$key])) {
        echo "(computing $key) ";
        $cache[$key] = strtoupper($key);
    }
    return $cache[$key];
}

echo nextNumber(), ' ', nextNumber(), ' ', nextNumber(), "\n";
echo cached('a'), ' ', cached('b'), ' ', cached('a'), "\n";
