<?php
// Output of all kinds.
print('and more');
print "print\n";
echo 'several', ' ', 'arguments', PHP_EOL;
echo implode(PHP_EOL, ['a', 'b']) . PHP_EOL;
fwrite(STDOUT, "to stdout\n");
fprintf(STDOUT, "%05d\n", 42);
fputs(STDERR, "to stderr\n");
