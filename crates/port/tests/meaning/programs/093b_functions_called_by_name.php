<?php
// Functions by their names.
function double(int $n): int
{
    return $n * 2;
}

echo call_user_func('ucfirst', 'called'), ' ', call_user_func_array('max', [1, 5]), ' ', call_user_func('double', 4), "\n";
echo function_exists('double') ? 'yes' : 'no', ' ', implode(',', array_map('double', [1, 2])), "\n";
