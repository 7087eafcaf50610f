<?php
// Both ends.
$stack = [1, 2];
array_push($stack, 3, 4);
echo array_pop($stack), ' ', count($stack), "\n";
$queue = ['a' => 1, 5 => 'x', 'y'];
echo array_shift($queue), "\n";
print_r($queue);
echo array_unshift($queue, 'first', 'second'), "\n";
print_r($queue);
$empty = [];
var_dump(array_pop($empty), array_shift($empty));
while (($job = array_shift($stack)) !== null) {
    echo "job $job\n";
}
