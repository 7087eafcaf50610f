<?php
// What is not asked for is not computed.
function numbers()
{
    $n = 0;
    while (true) {
        echo "[make $n]";
        yield $n++;
    }
}

function take(iterable $source, int $count)
{
    foreach ($source as $value) {
        if ($count-- <= 0) {
            return;
        }
        yield $value;
    }
}

foreach (take(numbers(), 3) as $n) {
    echo "use $n ";
}
echo "\n";
function both()
{
    yield 'start';
    yield from ['a', 'b'];
    yield 'end';
    return 'returned';
}
$g = both();
foreach ($g as $v) {
    echo $v, ' ';
}
echo $g->getReturn(), "\n";
