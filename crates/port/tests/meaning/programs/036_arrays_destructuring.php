<?php
// Taking arrays apart.
[$a, $b] = [1, 2];
[$a, $b] = [$b, $a];
echo $a, $b, "\n";
['x' => $x, 'y' => [$y0, , $y2]] = ['x' => 'X', 'y' => [10, 20, 30]];
echo "$x $y0 $y2\n";
list($first, list(, $second)) = ['f', ['skipped', 's']];
list('id' => $id) = ['id' => 5, 'other' => 6];
echo "$first $second $id\n";
foreach ([['id' => 1, 'tags' => ['a', 'b']], ['id' => 2, 'tags' => ['c', 'd']]] as ['id' => $id, 'tags' => [, $tag]]) {
    echo "$id:$tag ";
}
$array = [];
[$array['k'], $array[]] = ['kv', 'next'];
echo json_encode($array), "\n";
[$p, $q] = [1, null];
var_dump($p, $q ?? 'none');
