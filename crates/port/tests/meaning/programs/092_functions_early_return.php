<?php
// Guards, as validation has them.
function check(array $order): ?string
{
    if (empty($order['no'])) {
        return 'no number';
    }
    if (strlen($order['no']) < 6 || strlen($order['no']) > 32) {
        return 'bad number';
    }
    if (!isset($order['total']) || !is_int($order['total']) || $order['total'] <= 0) {
        return 'bad total';
    }
    return null;
}

foreach ([[], ['no' => 'a b'], ['no' => 'order-1'], ['no' => 'order-1', 'total' => '5'], ['no' => 'order-1', 'total' => 5]] as $order) {
    echo check($order) ?? 'ok', "\n";
}
function nothing()
{
}
var_dump(nothing());
