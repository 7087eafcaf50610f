<?php
// A refund divided over the lines of an order, to the fen.
function divide(int $total, array $weights): array
{
    $sum = array_sum($weights);
    $parts = [];
    $left = $total;
    $last = array_key_last($weights);
    foreach ($weights as $key => $weight) {
        $parts[$key] = $key === $last ? $left : (int) floor($total * $weight / $sum);
        $left -= $parts[$key];
    }
    return $parts;
}

print_r(divide(100, ['a' => 1, 'b' => 1, 'c' => 1]));
print_r(divide(999, ['tea' => 1999, 'cup' => 501]));
echo array_sum(divide(12345, [3, 7, 11])), ' ', implode('+', divide(1, [1, 1])), "\n";
