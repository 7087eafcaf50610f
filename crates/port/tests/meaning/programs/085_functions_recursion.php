<?php
// Recursion over numbers and nested arrays.
function factorial(int $n): int
{
    return $n <= 1 ? 1 : $n * factorial($n - 1);
}

function flatten(array $list): array
{
    $out = [];
    foreach ($list as $item) {
        if (is_array($item)) {
            $out = array_merge($out, flatten($item));
        } else {
            $out[] = $item;
        }
    }
    return $out;
}

function depth($value): int
{
    return is_array($value) ? 1 + max([0, ...array_map('depth', array_values($value))]) : 0;
}

echo factorial(20), "\n";
echo implode(',', flatten([1, [2, [3, [4]], 5], [[6]]])), "\n";
echo depth([1, [2, [3]]]), depth('x'), depth([]), "\n";
function hanoi(int $n, string $a, string $b, string $c): int
{
    return $n === 0 ? 0 : hanoi($n - 1, $a, $c, $b) + 1 + hanoi($n - 1, $c, $b, $a);
}
echo hanoi(5, 'A', 'B', 'C'), "\n";
