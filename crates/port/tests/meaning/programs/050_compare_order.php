<?php
// Less and greater across types.
var_dump(5 < '10', '5' < '10', 'abc' < 'abcd', null < 1, null < -1, false < true, '2' > 10, 1.1 > 1);
var_dump('a' > 5, '5 apples' > 5, [1, 2] < [1, 3], [] < [1], '' < 'a', 'Zebra' < 'apple');
var_dump(INF > PHP_INT_MAX, NAN == NAN, NAN < 1, -INF < 0);
