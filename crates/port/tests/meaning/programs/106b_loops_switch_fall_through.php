<?php
// A case that goes on into the next.
foreach ([1, 2, 3] as $n) {
    switch ($n) {
        case 1:
            echo 'one ';
        case 2:
            echo 'one or two ';
            break;
        default:
            echo 'many ';
    }
}
echo "\n";
