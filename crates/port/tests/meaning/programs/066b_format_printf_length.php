<?php
// printf gives a length.
$length = printf("%s\n", 'four');
echo $length, "\n";
