<?php
// A day's bill.
$csv = <<<CSV
time,no,amount,fee,state
2024-03-09 10:00:01,A1,0.01,0.00,SUCCESS
2024-03-09 11:30:00,A2,199.90,1.20,SUCCESS
2024-03-09 12:00:00,A3,50.00,0.30,REFUND
CSV;
$lines = explode("\n", $csv);
$header = explode(',', array_shift($lines));
$rows = array_map(fn ($line) => array_combine($header, explode(',', $line)), $lines);
$byState = [];
foreach ($rows as $row) {
    $byState[$row['state']]['count'] = ($byState[$row['state']]['count'] ?? 0) + 1;
    $byState[$row['state']]['amount'] = ($byState[$row['state']]['amount'] ?? 0) + (int) round($row['amount'] * 100);
}
foreach ($byState as $state => ['count' => $count, 'amount' => $amount]) {
    printf("%-8s %2d %8.2f\n", $state, $count, $amount / 100);
}
$fees = array_sum(array_column($rows, 'fee'));
echo 'fees ', $fees, ' ', number_format($fees, 2), ' hours ', implode(',', array_map(fn ($r) => substr($r['time'], 11, 2), $rows)), "\n";
