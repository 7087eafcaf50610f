<?php
// Guards with a regular expression.
function check(array $order): ?string
{
    if (!preg_match('/^[0-9A-Za-z_\-|*]{6,32}$/', $order['no'])) {
        return 'bad number';
    }
    return null;
}

foreach ([['no' => 'a b'], ['no' => 'order-1']] as $order) {
    echo check($order) ?? 'ok', "\n";
}
