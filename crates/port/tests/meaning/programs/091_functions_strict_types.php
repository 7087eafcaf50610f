<?php

declare(strict_types=1);

// With strict types they are not.
function twice(float $n): float
{
    return $n * 2;
}

function label(int|string $id, ?string $note = null): string
{
    return gettype($id) . ':' . $id . ($note === null ? '' : " ($note)");
}

var_dump(twice(4));
echo label(5), ' ', label('5', 'text'), "\n";
