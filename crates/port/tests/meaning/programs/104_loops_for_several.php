<?php
// Several expressions, and none.
for ($i = 0, $j = 10; $i < $j; $i += 3, $j--) {
    echo "$i-$j ";
}
echo "\n$i $j\n";
for (;;) {
    if (++$i > 12) {
        break;
    }
}
echo $i, "\n";
for ($s = 'a'; $s !== 'f'; $s++) {
    echo $s;
}
for ($x = 1; $x < 100; $x *= 2);
echo ' ', $x, "\n";
for ($i = 5; $i--;) {
    echo $i;
}
echo "\n";
