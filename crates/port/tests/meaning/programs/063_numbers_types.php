<?php
// What a value is.
foreach ([1, 1.0, '1', true, null, [], 'abc', '', '1e3', ' 5', [1]] as $v) {
    echo gettype($v), ' ', get_debug_type($v), ' ', is_int($v) ? 'int' : '', is_string($v) ? 'string' : '', is_array($v) ? 'array' : '', is_null($v) ? 'null' : '', is_bool($v) ? 'bool' : '', is_float($v) ? 'float' : '', is_numeric($v) ? ' numeric' : '', is_scalar($v) ? ' scalar' : '', "\n";
}
