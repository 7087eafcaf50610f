<?php
// 商户订单号。
date_default_timezone_set('Asia/Shanghai');

function orderNo(int $time, int $userId, int $sequence): string
{
    return date('YmdHis', $time) . str_pad((string) ($userId % 10000), 4, '0', STR_PAD_LEFT) . sprintf('%04d', $sequence);
}

function checkDigit(string $number): int
{
    $sum = 0;
    foreach (array_reverse(str_split($number)) as $i => $digit) {
        $n = (int) $digit * ($i % 2 === 0 ? 2 : 1);
        $sum += $n > 9 ? $n - 9 : $n;
    }
    return (10 - $sum % 10) % 10;
}

$no = orderNo(1709971445, 123456, 7);
echo $no, ' ', strlen($no), ' ', checkDigit($no), ' ', substr($no, 0, 8) === '20240309' ? 'today' : 'other', "\n";
echo strtoupper(base_convert('1709971445', 10, 36)), ' ', str_pad(dechex(255), 4, '0', STR_PAD_LEFT), "\n";
