<?php
// Distances and sounds are rare, counting is not.
echo levenshtein('kitten', 'sitting'), ' ', similar_text('World', 'Word'), "\n";
echo str_word_count('The quick brown'), "\n";
print_r(array_count_values(str_split('hello')));
echo ucwords(strtolower('JOHN O\'REILLY')), "\n";
echo number_format(1234.5), ' ', money(123456), "\n";

function money(int $fen): string
{
    return '¥' . number_format($fen / 100, 2);
}
