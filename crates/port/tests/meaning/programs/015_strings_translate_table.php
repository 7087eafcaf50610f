<?php
// strtr: the longest key first, and nothing is replaced twice.
echo strtr('Hi all', ['Hi' => 'Hello', 'Hello' => 'x', 'all' => 'world']), "\n";
echo strtr('abc', 'ab', 'xy'), "\n";
echo str_replace(['a', 'b'], ['b', 'c'], 'ab'), "\n";
$template = '尊敬的{name}，您的订单{no}已支付{amount}元';
echo strtr($template, ['{name}' => '李先生', '{no}' => 'A100', '{amount}' => 12.5]), "\n";
echo ucfirst(strtr('out_trade_no', '_', ' ')), "\n";
echo strtr('x+y/z==', '+/', '-_'), "\n";
