<?php
// An argument that is missing.
try {
    (function (int $x) {
        return $x;
    })();
} catch (ArgumentCountError $e) {
    echo get_class($e), "\n";
}
