<?php
// Functions inside functions, and of variable names.
function outer(): string
{
    function inner(): string
    {
        return 'inner';
    }
    return 'outer';
}

echo outer(), ' ', inner(), "\n";
$name = 'strtoupper';
echo $name('dynamic'), ' ', call_user_func('ucfirst', 'called'), ' ', call_user_func_array('max', [1, 5]), "\n";
echo function_exists('inner') ? 'yes' : 'no', "\n";
