<?php
// ++ on both sides, and calls whose order shows.
function say(string $s, $value = true)
{
    echo $s;
    return $value;
}

$i = 0;
$list = [];
$list[$i++] = $i++;
echo json_encode($list), $i, "\n";
$x = say('a', 1) + ($y = say('b', 2));
echo $x, $y, "\n";
