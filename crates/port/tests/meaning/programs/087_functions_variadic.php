<?php
// Any number of arguments.
function total(string $label, int ...$amounts): string
{
    return $label . '=' . array_sum($amounts) . '/' . count($amounts);
}

function all(): string
{
    return implode('|', func_get_args()) . ' ' . func_num_args();
}

echo total('none'), ' ', total('some', 1, 2, 3), ' ', total('list', ...[10, 20]), ' ', total(...['x', 5]), "\n";
echo all(1, 'b', 2.5), "\n";
echo max(...[3, 9, 2]), ' ', sprintf('%s-%s', ...['a', 'b']), "\n";
function tag(string $name, string ...$attributes): string
{
    $out = $name;
    foreach ($attributes as $key => $value) {
        $out .= " $key=$value";
    }
    return $out;
}
echo tag('a', href: 'x', rel: 'y'), "\n";
