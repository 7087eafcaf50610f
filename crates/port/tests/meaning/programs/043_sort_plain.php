<?php
// sort compares as PHP compares.
$a = [10, 9, '8', 'apple', 1.5, '1e1'];
$numbers = [3, 1, 2, 10];
sort($numbers);
echo implode(',', $numbers), "\n";
rsort($numbers);
echo implode(',', $numbers), "\n";
$texts = ['banana', 'apple', 'Cherry', '10', '9'];
sort($texts);
echo implode(',', $texts), "\n";
sort($texts, SORT_STRING);
echo implode(',', $texts), "\n";
sort($texts, SORT_STRING | SORT_FLAG_CASE);
echo implode(',', $texts), "\n";
$files = ['img12.png', 'img10.png', 'img2.png'];
natsort($files);
echo json_encode($files), "\n";
