<?php
// Variables, elements and properties inside double quotes.
$name = 'Li';
$order = ['no' => 'A100', 'lines' => [['sku' => 'tea', 'qty' => 2]]];
echo "Hello $name, {$name}s order\n";
echo "No. $order[no] / {$order['no']}\n";
echo "First: {$order['lines'][0]['sku']} x {$order['lines'][0]['qty']}\n";
echo "Cost: \$5 and \\ and \x41 \u{4e2d}\n";
echo 'Single: $name\n', "\n";
