<?php
// / gives an integer where it can, % follows the sign of the left.
var_dump(7 / 2, 6 / 2, 6 / 4, -7 / 2, 0 / 5, 1e3 / 10);
var_dump(intdiv(7, 2), intdiv(-7, 2), 7 % 3, -7 % 3, 7 % -3, 7.9 % 3, fmod(7.5, 2), fmod(-7.5, 2));
try {
    echo 1 % 0;
} catch (DivisionByZeroError $e) {
    echo get_class($e), ': ', $e->getMessage(), "\n";
}
try {
    echo 1 / 0;
} catch (DivisionByZeroError $e) {
    echo $e->getMessage(), "\n";
}
try {
    echo intdiv(1, 0);
} catch (\Throwable $e) {
    echo $e->getMessage(), "\n";
}
