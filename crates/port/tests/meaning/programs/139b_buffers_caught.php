<?php
// Output that is caught.
ob_start();
echo 'inside ';
print('and more');
$text = ob_get_clean();
echo strtoupper($text), "\n";
$r = print '';
echo $r, "\n";
