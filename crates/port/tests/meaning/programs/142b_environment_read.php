<?php
// The environment, with defaults.
echo getenv('SURELY_NOT_SET') === false ? 'not set' : 'set', ' ', getenv('SURELY_NOT_SET') ?: 'default', ' ', $_ENV['SURELY_NOT_SET'] ?? 'none', ' ', $_SERVER['SURELY_NOT_SET'] ?? 'neither', "\n";
