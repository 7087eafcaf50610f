<?php
// Also behind an unset.
$a = [1, 2, 3];
unset($a[2]);
$a[] = 'x';
print_r($a);
echo json_encode($a), "\n";
echo json_encode(array_values($a)), "\n";
