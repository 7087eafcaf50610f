<?php
// ?: asks for truth, ?? for null.
$zero = 0;
$text = '0';
$null = null;
var_dump($zero ?: 'default', $zero ?? 'default', $text ?: 'empty', $null ?: 'none', $null ?? 'none', '' ?: 'blank', 'x' ?: 'y', [] ?: 'no list', 0.0 ?: 1);
$name = '' ?: ($null ?? 'anonymous');
echo $name, "\n";
echo $zero ?: $text ?: 'chain', "\n";
$page = max(1, (int) ('3' ?: 1));
echo $page, "\n";
