<?php
// Writing makes the arrays on the way.
$report = [];
$report['2024']['03']['total'] = 5;
$report['2024']['03']['count'] = ($report['2024']['03']['count'] ?? 0) + 1;
$report['2024']['list'][] = 'a';
$report['2024']['list'][] = 'b';
echo json_encode($report), "\n";
$sums = [];
foreach ([['a', 5], ['b', 2], ['a', 3]] as [$key, $amount]) {
    $sums[$key] = ($sums[$key] ?? 0) + $amount;
}
arsort($sums);
print_r($sums);
unset($report['2024']['03']['total'], $report['2024']['missing']);
echo json_encode($report), "\n";
