<?php
// What is random has bounds that are not.
$n = random_int(1, 6);
echo $n >= 1 && $n <= 6 ? 'in range' : 'out', "\n";
echo strlen(bin2hex(random_bytes(16))), ' ', strlen(uniqid()), ' ', strlen(md5((string) mt_rand())), "\n";
echo preg_match('/^[0-9a-f]{32}$/', bin2hex(random_bytes(16))), "\n";
$x = mt_rand(5, 5);
echo $x, ' ', rand(3, 3), "\n";
$list = [1, 2, 3];
shuffle($list);
sort($list);
echo implode(',', $list), ' ', in_array(array_rand(['a' => 1, 'b' => 2]), ['a', 'b']) ? 'key' : 'no key', "\n";
