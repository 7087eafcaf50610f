<?php
// The next index follows the largest that ever was.
$a = [1, 2, 3];
$a[7] = 'x';
$a[] = 'y';
print_r($a);
echo json_encode($a), "\n";
echo json_encode(array_values($a)), "\n";
$b = [];
$b[10] = 'a';
$b[] = 'b';
array_pop($b);
$b[] = 'c';
$b['k'] = 'd';
$b[] = 'e';
print_r($b);
