<?php
// Properties of an object without a class.
$object = new stdClass();
$object->total = 12;
echo "Total: $object->total, {$object->total}.00\n";
