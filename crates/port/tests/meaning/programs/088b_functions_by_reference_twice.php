<?php
// Two elements of one array.
function swap(&$a, &$b): void
{
    [$a, $b] = [$b, $a];
}

$data = ['a' => 1, 'b' => 2];
swap($data['a'], $data['b']);
echo json_encode($data), "\n";
