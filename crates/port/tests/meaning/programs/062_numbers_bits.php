<?php
// Bits, also of negative numbers.
var_dump(6 & 3, 6 | 3, 6 ^ 3, ~6, 1 << 3, -8 >> 1, 1 << 62, PHP_INT_MAX >> 60);
$flags = 0;
$flags |= 4;
$flags |= 1;
$flags &= ~4;
$flags ^= 8;
$flags <<= 1;
var_dump($flags, (bool) ($flags & 2));
echo decbin(10), ' ', bindec('1010'), ' ', dechex(255), ' ', hexdec('ff'), ' ', decoct(8), ' ', octdec('17'), ' ', base_convert('ff', 16, 2), "\n";
