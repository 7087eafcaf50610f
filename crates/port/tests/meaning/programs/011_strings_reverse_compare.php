<?php
// strrev, strcmp and their relatives.
echo strrev('abc'), ' ', strrev(''), "|\n";
var_dump(strcmp('a', 'b') < 0, strcmp('b', 'a') > 0, strcmp('a', 'a') === 0);
var_dump(strcasecmp('HELLO', 'hello'), strncmp('abcdef', 'abcxyz', 3), strncasecmp('ABc', 'abd', 2));
var_dump(strnatcmp('img12', 'img10') > 0, strcmp('img12', 'img2') < 0, strnatcmp('img12', 'img2') > 0);
var_dump('abc' < 'abd', 'Z' < 'a', '10' < '9', '10' < '9a', 'abc' == 'ABC');
var_dump(hash_equals('abc', 'abc'), hash_equals('abc', 'abd'));
