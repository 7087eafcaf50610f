<?php
// Which texts are numbers.
foreach (['12', '1.5', '1e3', ' 12', '12 ', '0x1A', '', 'abc', '-7', '.5', '1_000', '12abc'] as $s) {
    echo str_pad(json_encode($s), 10), var_export(is_numeric($s), true), ' ', (int) $s, ' ', (float) $s, "\n";
}
var_dump('12' + 3, '1.5' + 1, '1e2' * 1, '7' . 1, '10' / '4', '10' / '5');
var_dump(ctype_digit('123'), ctype_digit('12.3'), ctype_digit(''), ctype_alpha('abC'), ctype_upper('AB'), ctype_xdigit('fF0'), ctype_alnum('a1_'));
