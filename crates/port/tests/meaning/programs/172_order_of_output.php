<?php
// What is printed, thrown and assigned inside of an expression.
function say(string $text, int $value): int
{
    echo $text;
    return $value;
}

function fail(string $why): string
{
    throw new RuntimeException($why);
}

echo say('a', 1), ' ', say('b', 2), "\n";
try {
    echo 'before ', fail('broken'), ' after';
} catch (RuntimeException $e) {
    echo '(', $e->getMessage(), ")\n";
}
$i = 5;
echo $i++ + ++$i, ' ', $i, ' ', $i-- - --$i, ' ', $i, "\n";
echo $i, ' ', $i++, ' ', $i, ' ', ++$i, "\n";
$n = 0;
if ($i > 5 && ($n = say('asked ', 7)) > 6) {
    echo $n, "\n";
}
if ($i < 5 && ($n = say('not asked', 8)) > 6) {
    echo 'never';
}
echo $n, ' ', $i > 0 ? $n++ : $n--, ' ', $n, "\n";
$queue = ['x', 'y'];
while (($item = array_shift($queue)) !== null && $item !== 'z') {
    echo $item, ' ';
}
echo count($queue), "\n";
