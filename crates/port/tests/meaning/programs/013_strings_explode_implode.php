<?php
// Taking apart and putting together, with limits and without anything.
print_r(explode(',', 'a,b,,c'));
print_r(explode(',', ''));
print_r(explode(',', 'a,b,c,d', 2));
print_r(explode(',', 'a,b,c,d', -1));
echo implode(',', [1, 2.5, true, false, null, 'x']), "\n";
echo implode(['a', 'b']), ' ', join('-', ['k' => 'v', 'w']), ' [', implode(', ', []), "]\n";
print_r(str_split('abcdefgh', 3));
[$head, $tail] = explode('@', 'user@example.com');
echo "$head at $tail\n";
