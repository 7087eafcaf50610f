<?php
// 分和元。
function yuanToFen(string $yuan): int
{
    return (int) round((float) $yuan * 100);
}

function fenToYuan(int $fen): string
{
    return number_format($fen / 100, 2, '.', '');
}

function exact(string $yuan): int
{
    [$whole, $part] = array_pad(explode('.', $yuan), 2, '');
    return (int) $whole * 100 + (int) str_pad(substr($part, 0, 2), 2, '0');
}

foreach (['0.01', '19.99', '1.1', '8', '100.5', '2.675', '0.29', '64.99'] as $yuan) {
    echo $yuan, ' ', yuanToFen($yuan), ' ', exact($yuan), ' ', (int) ($yuan * 100), ' ', fenToYuan(exact($yuan)), "\n";
}
