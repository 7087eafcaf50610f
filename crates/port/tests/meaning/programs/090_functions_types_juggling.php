<?php
// Without strict types arguments are converted.
function half(int $n): float
{
    return $n / 2;
}

function text(string $s): string
{
    return "[$s]";
}

function flag(bool $b): string
{
    return $b ? 'on' : 'off';
}

var_dump(half('10'), half(7), half(true));
echo text(5), text(1.0), text(true), flag(1), flag('0'), flag('a'), flag(0.0), "\n";
try {
    half('abc');
} catch (TypeError $e) {
    echo get_class($e), "\n";
}
function ret(): int
{
    return '42';
}
var_dump(ret());
