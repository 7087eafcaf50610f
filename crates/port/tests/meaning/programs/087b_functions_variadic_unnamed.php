<?php
// Arguments that no parameter names, and names that no parameter has.
function all(): string
{
    return implode('|', func_get_args()) . ' ' . func_num_args();
}

function tag(string $name, string ...$attributes): string
{
    $out = $name;
    foreach ($attributes as $key => $value) {
        $out .= " $key=$value";
    }
    return $out;
}

echo all(1, 'b', 2.5), "\n";
echo tag('a', href: 'x', rel: 'y'), "\n";
