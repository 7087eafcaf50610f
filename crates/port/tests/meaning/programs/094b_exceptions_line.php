<?php
// Where an exception comes from.
try {
    throw new RuntimeException('too much');
} catch (Exception $e) {
    echo $e->getMessage(), ' line ', $e->getLine(), ' ', basename($e->getFile()) === basename(__FILE__) ? 'here' : 'there', "\n";
}
