<?php
// What a value is that is no number and no text.
foreach ([new stdClass(), 'strlen', fn () => 1] as $v) {
    echo gettype($v), ' ', get_debug_type($v), ' ', is_callable($v) ? ' callable' : '', is_object($v) ? ' object' : '', is_scalar($v) ? ' scalar' : '', "\n";
}
