<?php
// var_export writes PHP.
var_export(['a' => 1, 'b' => [true, null, 1.5, 'it\'s'], 3 => 'x']);
echo "\n";
var_export('a\\b');
var_export(false);
var_export(-1.0);
echo "\n";
