<?php
// Objects without a class.
$o = new stdClass();
$o->name = 'tea';
$o->tags = ['hot'];
$o->tags[] = 'green';
$o->{'with-dash'} = 1;
$o->nested = (object) ['a' => 1, 'b' => ['c' => 2]];
echo json_encode($o), ' ', $o->nested->b['c'], ' ', isset($o->missing) ? 'set' : 'unset', ' ', property_exists($o, 'name') ? 'has' : 'has not', "\n";
unset($o->name);
foreach ($o as $key => $value) {
    echo $key, ' ';
}
print_r((array) $o->nested);
$field = 'dynamic';
$o->$field = 'yes';
echo $o->dynamic, ' ', count((array) $o), "\n";
print_r(json_decode('{"x":{"y":[1]}}'));
