<?php
// Money must not be a float.
var_dump(0.1 + 0.2 == 0.3, abs(0.1 + 0.2 - 0.3) < PHP_FLOAT_EPSILON, 0.1 + 0.7, (0.1 + 0.7) * 10, (int) ((0.1 + 0.7) * 10));
$sum = 0;
for ($i = 0; $i < 10; $i++) {
    $sum += 0.1;
}
var_dump($sum, $sum == 1, round($sum, 10) == 1, is_nan(sqrt(-1)), is_infinite(INF), is_finite(1.0));
echo $sum, ' ', 1 - 0.9, ' ', 8 - 6.4, ' ', 4.35 * 100, "\n";
