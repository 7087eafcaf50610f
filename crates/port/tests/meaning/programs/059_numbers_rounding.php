<?php
// Rounding away from zero, and the floats that stay floats.
var_dump(round(2.5), round(-2.5), round(3.14159, 2), round(1234.5678, -2), round(1.955, 2), round(5.055, 2), round(5));
var_dump(floor(2.7), floor(-2.5), ceil(2.1), ceil(-2.5), (int) 2.9, (int) -2.9, (int) '2.9', intval(round(2.5)));
var_dump(abs(-5), abs(-5.5), abs('-3'), max(1, 2.0), min(1, 1.0), 2 ** 10, 2 ** -1, 2 ** 0.5, pow(2, 3), (-2) ** 2, -2 ** 2, sqrt(16), pi());
echo round(3.7), ' ', floor(5), ' ', round(1.005, 2), ' ', 19.99 * 100, ' ', (int) (19.99 * 100), ' ', (int) round(19.99 * 100), "\n";
