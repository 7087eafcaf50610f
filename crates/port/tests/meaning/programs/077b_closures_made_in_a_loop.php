<?php
// Each round has a closure of its own.
$fns = [];
for ($i = 0; $i < 3; $i++) {
    $fns[] = function () use ($i) {
        return $i * 10;
    };
}
foreach ($fns as $fn) {
    echo $fn(), ' ';
}
echo "\n";
