<?php
// The environment, with defaults.
echo getenv('SURELY_NOT_SET') === false ? 'not set' : 'set', ' ', getenv('SURELY_NOT_SET') ?: 'default', ' ', $_ENV['SURELY_NOT_SET'] ?? 'none', ' ', $_SERVER['SURELY_NOT_SET'] ?? 'neither', "\n";
putenv('MEANING_TEST=42');
echo getenv('MEANING_TEST'), ' ', (int) getenv('MEANING_TEST') + 1, "\n";
echo php_sapi_name(), ' ', PHP_OS_FAMILY, ' ', $argc, ' ', count($argv), "\n";
