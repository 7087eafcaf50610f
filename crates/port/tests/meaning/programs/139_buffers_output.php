<?php
// Output that is caught.
ob_start();
echo 'inside ';
print('and more');
$text = ob_get_clean();
echo strtoupper($text), "\n";
print "print\n";
echo 'several', ' ', 'arguments', PHP_EOL;
echo implode(PHP_EOL, ['a', 'b']) . PHP_EOL;
$r = print '';
echo $r, "\n";
fwrite(STDOUT, "to stdout\n");
fprintf(STDOUT, "%05d\n", 42);
fputs(STDERR, "to stderr\n");
