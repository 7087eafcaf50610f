<?php
// switch (true), numbers as texts.
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
foreach (['1', 1, 1.0, true, '01', 'a', null, ''] as $status) {
    switch ($status) {
        case 1:
            echo 'one ';
            break;
        case '':
            echo 'empty ';
            break;
        default:
            echo 'other ';
    }
}
echo "\n";
switch ('SUCCESS'): case 'SUCCESS': echo "ok\n"; endswitch;
