<?php
// Texts that are numbers compare as numbers.
var_dump('10' == '1e1', '100' == '1e2', '0' == '0.0', '1' == '01', 10 == '10', 10 == '10.0', '10' == '10 ');
var_dump(0 == 'a', 0 == '', '1' == '1abc', 1 == '1abc', '0e1234' == '0e5678', 'abc' == 0);
var_dump('abc' == 'ABC', null == 0, null == '', '' == '0');
