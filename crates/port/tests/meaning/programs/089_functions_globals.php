<?php
// global and $GLOBALS.
$count = 0;
$config = ['debug' => false];
const PREFIX = 'order-';
define('SUFFIX', '-test');

function increment(): void
{
    global $count, $config;
    $count++;
    $config['debug'] = true;
}

function name(int $n): string
{
    return PREFIX . $n . SUFFIX;
}

function isolated(): string
{
    return isset($count) ? 'visible' : 'not visible';
}

increment();
increment();
echo $count, ' ', json_encode($config), ' ', name(5), ' ', isolated(), ' ', $GLOBALS['count'], ' ', defined('SUFFIX') ? 'defined' : '', "\n";
