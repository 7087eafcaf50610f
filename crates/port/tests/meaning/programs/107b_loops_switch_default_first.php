<?php
// default in the middle, without breaks.
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
