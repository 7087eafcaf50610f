<?php
// Padding, trimming, wrapping.
echo str_pad('7', 3, '0', STR_PAD_LEFT), '|', str_pad('ab', 7, 'xy', STR_PAD_BOTH), '|', str_pad('long', 2), "|\n";
echo trim('  x  '), '|', rtrim("x\n"), '|', ltrim('0012', '0'), '|', trim('[a]', '[]'), '|', rtrim('1.500', '0'), "|\n";
echo trim('abcXcba', 'a..c'), '|', rtrim('1,2,3,', ','), "|\n";
echo wordwrap('The quick brown fox sat over the lazy dog', 15, "\n", true), "\n";
echo wordwrap('A very long woooooooooooord.', 8, "\n", false), "\n";
echo chunk_split('1234567890', 4, ' '), "|\n";
echo nl2br("a\nb"), "\n";
echo strlen(str_repeat('ab', 0)), str_repeat('-=', 3), "\n";
