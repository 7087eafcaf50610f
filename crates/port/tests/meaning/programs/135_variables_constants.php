<?php
// Constants of all kinds.
const TIMEOUT = 30;
const HOSTS = ['a.example', 'b.example'];
define('DEBUG_MODE', false);
const LIMIT = TIMEOUT * 2 + 1;
echo TIMEOUT, HOSTS[1], DEBUG_MODE ? 'debug' : 'live', LIMIT, ' ', count(HOSTS), "\n";
echo PHP_EOL === "\n" ? 'unix' : 'other', ' ', PHP_INT_SIZE, ' ', M_PI > 3 ? 'pi' : '', ' ', E_ALL > 0 ? 'all' : '', ' ', __LINE__, ' ', basename(__FILE__) !== '' ? 'file' : '', "\n";
function where(): string
{
    return __FUNCTION__;
}
echo where(), ' ', constant('TIMEOUT'), ' ', DIRECTORY_SEPARATOR, ' ', true ? TRUE : FALSE, NULL ?? 'null', "\n";
