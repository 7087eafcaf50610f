<?php
// Grouping, counting, ranking.
$orders = [
    ['user' => 'li', 'amount' => 100, 'day' => '03-08'],
    ['user' => 'wang', 'amount' => 50, 'day' => '03-08'],
    ['user' => 'li', 'amount' => 25, 'day' => '03-09'],
    ['user' => 'zhao', 'amount' => 125, 'day' => '03-09'],
];

function groupBy(array $rows, string $key): array
{
    $groups = [];
    foreach ($rows as $row) {
        $groups[$row[$key]][] = $row;
    }
    return $groups;
}

foreach (groupBy($orders, 'day') as $day => $group) {
    printf("%s: %d orders, %d fen, users %s\n", $day, count($group), array_sum(array_column($group, 'amount')), implode('/', array_unique(array_column($group, 'user'))));
}
$totals = array_map(fn ($rows) => array_sum(array_column($rows, 'amount')), groupBy($orders, 'user'));
arsort($totals);
$rank = 0;
foreach ($totals as $user => $total) {
    echo ++$rank, '. ', $user, ' ', $total, "\n";
}
echo key($totals), ' ', current($totals), ' ', array_search(50, $totals), "\n";
