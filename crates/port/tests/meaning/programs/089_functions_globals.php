<?php
// Constants and what functions see of the script.
const PREFIX = 'order-';
define('SUFFIX', '-test');

function name(int $n): string
{
    return PREFIX . $n . SUFFIX;
}

function rate(string $currency): int
{
    global $rates;
    return $rates[$currency];
}

function isolated(): string
{
    return isset($count) ? 'visible' : 'not visible';
}

$rates = ['CNY' => 1];
echo name(5), ' ', isolated(), ' ', rate('CNY'), ' ', defined('SUFFIX') ? 'defined' : '', "\n";
