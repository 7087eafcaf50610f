<?php
// Rules as data, with regular expressions.
$rules = ['out_trade_no' => '/^[\w\-*]{6,32}$/', 'total' => '/^\d+$/'];
foreach (['out_trade_no' => 'a b', 'total' => '100'] as $field => $value) {
    echo $field, ' ', preg_match($rules[$field], $value) ? 'fits' : 'has a wrong form', "\n";
}
