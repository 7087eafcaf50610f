<?php
// Defaults and names.
function order(string $no, int $total = 100, string $currency = 'CNY', ?string $note = null, array $extra = []): string
{
    return "$no $total $currency " . ($note ?? '-') . ' ' . count($extra);
}

echo order('A'), "\n", order('B', 5), "\n", order('C', currency: 'USD'), "\n", order(note: 'hi', no: 'D'), "\n", order('E', 1, extra: [1, 2]), "\n";
echo str_pad(string: '5', length: 3, pad_string: '0', pad_type: STR_PAD_LEFT), "\n";
