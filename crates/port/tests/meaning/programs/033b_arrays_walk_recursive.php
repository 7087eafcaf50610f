<?php
// array_walk_recursive goes into the arrays inside.
$data = ['a' => ['b' => 1, 'c' => 2], 'd' => 3];
array_walk_recursive($data, function ($value, $key) {
    echo "$key=$value ";
});
echo "\n";
