<?php
// What runs first.
function say(string $s, $value = true)
{
    echo $s;
    return $value;
}

say('a') && say('b', false) || say('c');
say('d', false) && say('never');
echo "\n";
$r = say('x', 1) + say('y', 2) * say('z', 3);
echo $r, "\n";
$array = [say('k', 'key') => say('v', 'value')];
$i = 0;
$list = [];
$list[$i++] = $i;
$list[$i++] = $i;
echo json_encode($list), json_encode($array), "\n";
echo say('1', 'one'), say('2', 'two'), "\n";
echo say('1', 'one') . say('2', 'two') . "\n";
