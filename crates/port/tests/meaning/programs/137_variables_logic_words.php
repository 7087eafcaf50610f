<?php
// `and` and `or` bind weaker than `=`.
$a = true && false;
$b = (true and false);
$c = false || true;
$d = true xor true;
var_dump($a, $b, $c, $d);
$e = false or true;
var_dump($e);
$ok = true;
$ok and print("yes\n");
$ok or print("no\n");
var_dump(!$ok === false, !empty($ok), 1 + 1 . '1' === '21', true ? 'a' : 'b', null ?? 'x' . 'y');
echo 5 <=> 3, 10 - 2 - 3, 2 ** 3 ** 2, 7 . '', -3 % 2, !true ? 't' : 'f', "\n";
