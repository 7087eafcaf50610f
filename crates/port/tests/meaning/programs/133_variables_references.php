<?php
// References between variables.
$a = 1;
$b = &$a;
$c = $b;
$b++;
echo "$a $b $c\n";
function &find(array &$list, int $i)
{
    return $list[$i];
}
$list = [1, 2, 3];
$item = &find($list, 1);
$item = 'changed';
echo implode(',', $list), "\n";
$map = ['x' => 1];
foreach ($map as $key => $_) {
    $copy[$key] = &$map[$key];
}
$copy['x'] = 'both';
echo $map['x'], "\n";
