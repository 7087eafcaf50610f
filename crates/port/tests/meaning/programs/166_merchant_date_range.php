<?php
// The days of a settlement.
date_default_timezone_set('Asia/Shanghai');
$from = strtotime('2024-02-27');
$to = strtotime('2024-03-02');
$days = [];
for ($t = $from; $t <= $to; $t += 86400) {
    $days[] = date('md', $t) . '(' . ['日', '一', '二', '三', '四', '五', '六'][(int) date('w', $t)] . ')';
}
echo implode(' ', $days), ' ', ($to - $from) / 86400, "\n";
$elapsed = 93784;
printf("%d天%02d:%02d:%02d\n", intdiv($elapsed, 86400), intdiv($elapsed % 86400, 3600), intdiv($elapsed % 3600, 60), $elapsed % 60);
echo date('Y-m-d\TH:i:s+08:00', 1709971445 + 15 * 60), "\n";
