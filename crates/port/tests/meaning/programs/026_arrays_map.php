<?php
// array_map with one, with several, with keys.
print_r(array_map(fn ($n) => $n * $n, [1, 2, 3]));
print_r(array_map(fn (string $s): string => strtoupper($s), ['x' => 'a', 'y' => 'b']));
print_r(array_map(fn ($a, $b) => $a . '-' . $b, ['a', 'b'], ['x', 'y', 'z']));
print_r(array_map(null, [1, 2], ['one', 'two']));
print_r(array_map('trim', [' a ', 'b ']));
print_r(array_map(fn ($key, $value) => "$key=$value", array_keys(['a' => 1, 'b' => 2]), ['a' => 1, 'b' => 2]));
