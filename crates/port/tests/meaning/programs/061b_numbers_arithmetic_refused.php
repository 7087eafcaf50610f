<?php
// What is no number is a TypeError.
try {
    var_dump('abc' * 2);
} catch (TypeError $e) {
    echo 'TypeError: ', $e->getMessage(), "\n";
}
try {
    var_dump([] + 1);
} catch (TypeError $e) {
    echo 'TypeError: ', $e->getMessage(), "\n";
}
