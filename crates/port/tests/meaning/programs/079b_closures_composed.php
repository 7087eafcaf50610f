<?php
// Functions put together.
$compose = fn (callable ...$f) => fn ($x) => array_reduce($f, fn ($acc, $fn) => $fn($acc), $x);
echo $compose('trim', 'strrev', fn ($s) => $s . '!')('  abc '), "\n";
