<?php
// Nested with parentheses, as PHP 8 wants it.
function grade(int $score): string
{
    return $score >= 90 ? 'A' : ($score >= 80 ? 'B' : ($score >= 60 ? 'C' : 'D'));
}

foreach ([95, 85, 61, 10] as $score) {
    echo grade($score), ' ';
}
$n = 3;
echo $n > 1 ? 'many' : 'one', ' ', ($n % 2 == 0 ? 'even' : 'odd') . '!', "\n";
$message = 'You have ' . ($n === 1 ? 'one item' : $n . ' items') . ' in your ' . ($n ? 'cart' : 'bag');
echo $message, "\n";
