<?php
// switch (true), default in the middle, without breaks.
function size(int $n): string
{
    switch (true) {
        case $n < 10:
            $r = 'small';
            break;
        case $n < 100:
            $r = 'middle';
            break;
        default:
            $r = 'large';
    }
    return $r;
}

echo size(5), size(50), size(500), "\n";
foreach (['x', 'a', 'y'] as $s) {
    switch ($s) {
        default:
            echo 'default ';
        case 'a':
            echo 'a ';
            break;
        case 'x':
            echo 'x ';
    }
}
echo "\n";
switch ('SUCCESS'): case 'SUCCESS': echo "ok\n"; endswitch;
