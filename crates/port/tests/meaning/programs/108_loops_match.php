<?php
// match is strict and an expression.
$text = fn ($v) => match (true) {
    $v === null => 'null',
    is_int($v) && $v > 100 => 'big',
    is_int($v), is_float($v) => 'number',
    default => 'other',
};
echo $text(null), $text(500), $text(5), $text(1.5), $text('x'), "\n";
$state = 'REFUND';
$label = match ($state) {
    'SUCCESS' => '支付成功',
    'REFUND', 'CLOSED' => '已' . ($state === 'REFUND' ? '退款' : '关闭'),
    default => '未知',
};
echo $label, "\n";
echo match ('1') {
    1 => 'integer',
    '1' => 'text',
}, "\n";
$calls = 0;
$f = function () use (&$calls) {
    $calls++;
    return 2;
};
echo match ($f()) {
    1 => 'a', 2 => 'b', 3 => 'c'
}, $calls, "\n";
