<?php
// while, do, break and continue with levels.
$n = 10;
do {
    echo $n, ' ';
} while ($n-- > 100);
$i = 0;
while (true) {
    $i++;
    if ($i % 2) {
        continue;
    }
    if ($i > 6) {
        break;
    }
    echo "i$i ";
}
echo "\n";
foreach ([1, 2, 3] as $a) {
    foreach ([1, 2, 3] as $b) {
        if ($b === 2) {
            continue 2;
        }
        if ($a === 3) {
            break 2;
        }
        echo "$a$b ";
    }
}
$k = 3;
while ($k): echo $k--; endwhile;
do {
    $k++;
    if ($k === 2) {
        continue;
    }
} while ($k < 4);
echo " $k\n";
