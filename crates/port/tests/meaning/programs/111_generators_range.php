<?php
// Generators that are loops.
function countTo(int $n): Generator
{
    for ($i = 1; $i <= $n; $i++) {
        yield $i;
    }
}

function pages(array $rows, int $size): iterable
{
    $page = 1;
    foreach (array_chunk($rows, $size) as $chunk) {
        yield "page $page" => $chunk;
        $page++;
    }
}

foreach (countTo(4) as $n) {
    echo $n, ' ';
}
foreach (pages(['a', 'b', 'c'], 2) as $name => $rows) {
    echo $name, ':', implode(',', $rows), ' ';
}
echo "\n", array_sum(iterator_to_array(countTo(10))), "\n";
