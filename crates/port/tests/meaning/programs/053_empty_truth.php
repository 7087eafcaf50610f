<?php
// What counts as true.
foreach ([0, 1, '', '0', '00', '0.0', ' ', 'false', 0.0, -0.0, 0.1, [], [[]], null, true] as $v) {
    echo var_export($v, true) === 'NULL' ? 'null' : json_encode($v), ' ', $v ? 'yes' : 'no', ' ', !$v ? 'not' : '', "\n";
}
var_dump(!!'a', !0, true && '0', 'a' and 'b', true xor true, 'a' || fail());

function fail(): bool
{
    echo "never called\n";
    return false;
}
