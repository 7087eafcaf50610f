<?php
// global that is changed, and $GLOBALS.
$count = 0;
$config = ['debug' => false];

function increment(): void
{
    global $count, $config;
    $count++;
    $config['debug'] = true;
}

increment();
increment();
echo $count, ' ', json_encode($config), ' ', $GLOBALS['count'], "\n";
