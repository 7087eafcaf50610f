<?php
// Sorting is stable since PHP 8.0.
$orders = [
    ['no' => 'A', 'amount' => 300], ['no' => 'B', 'amount' => 100], ['no' => 'C', 'amount' => 300], ['no' => 'D', 'amount' => 100],
];
usort($orders, fn ($x, $y) => $y['amount'] <=> $x['amount']);
echo implode(',', array_column($orders, 'no')), "\n";
usort($orders, function (array $x, array $y): int {
    if ($x['amount'] === $y['amount']) {
        return strcmp($y['no'], $x['no']);
    }
    return $x['amount'] < $y['amount'] ? -1 : 1;
});
echo implode(',', array_column($orders, 'no')), "\n";
usort($orders, fn ($x, $y) => [$x['amount'], $x['no']] <=> [$y['amount'], $y['no']]);
echo implode(',', array_column($orders, 'no')), "\n";
$by = 'no';
usort($orders, fn ($x, $y) => strcmp($x[$by], $y[$by]));
echo implode(',', array_column($orders, 'no')), "\n";
