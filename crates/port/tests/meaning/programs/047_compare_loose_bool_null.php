<?php
// What is equal to true, to false, to null.
$values = [0, 1, -1, '0', '', 'a', '0.0', 'false', null, [], [0], 0.0];
foreach ($values as $value) {
    echo str_pad(json_encode($value), 8), $value == true ? 'T' : '-', $value == false ? 'F' : '-', $value == null ? 'N' : '-', $value ? 'y' : 'n', "\n";
}
var_dump(null == false, [] == null, 'a' == true, '0' == false, '' == null, '0' == null);
