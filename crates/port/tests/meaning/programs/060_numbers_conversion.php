<?php
// Casts of everything.
var_dump((int) '12abc', (int) 'abc', (int) '  42', (int) '1e3', (int) 1e19 === 0 || true, (int) true, (int) null, (int) '0x1A', (int) '-0', (int) [] , (int) [0]);
var_dump((float) '1.5abc', (float) '', (float) '-.5', (float) 'e5', (float) true);
var_dump((string) 1.0, (string) 0.1, (string) true, (string) false, (string) null, (string) -5, (string) 1e6);
var_dump((bool) 'false', (bool) '0', (bool) 0.0, (array) 'a', (array) null);
var_dump(intval('42abc'), intval('0b11', 0), intval('0x1A', 16), intval('012', 0), intval('101', 2), floatval('1.5e3abc'), boolval('0'), strval(1.50));
