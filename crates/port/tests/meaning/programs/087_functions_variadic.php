<?php
// Any number of arguments.
function total(string $label, int ...$amounts): string
{
    return $label . '=' . array_sum($amounts) . '/' . count($amounts);
}

echo total('none'), ' ', total('some', 1, 2, 3), ' ', total('list', ...[10, 20]), ' ', "\n";
echo max(...[3, 9, 2]), ' ', sprintf('%s-%s', ...['a', 'b']), "\n";
