<?php
// Positions and what is found at the very beginning.
$haystack = 'out_trade_no=1217752501';
var_dump(strpos($haystack, 'out'));
var_dump(strpos($haystack, 'missing'));
if (strpos($haystack, 'out') !== false) {
    echo "found\n";
}
if (!strpos($haystack, 'out')) {
    echo "the trap: position 0 is false\n";
}
var_dump(strrpos($haystack, '1'), stripos($haystack, 'TRADE'), strpos($haystack, '1', 14));
var_dump(str_contains($haystack, '='), str_starts_with($haystack, 'out_'), str_ends_with($haystack, '502'));
var_dump(str_contains('abc', ''));
echo strstr($haystack, '='), ' ', strstr($haystack, '=', true), ' ', strrchr('a/b/c', '/'), "\n";
echo substr_count('aXbXXc', 'X'), "\n";
