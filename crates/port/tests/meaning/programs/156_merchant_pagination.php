<?php
// Pages of a list.
function page(array $rows, int $page, int $size = 3): array
{
    $pages = (int) ceil(count($rows) / $size);
    $page = min(max(1, $page), max(1, $pages));
    return [
        'rows' => array_slice($rows, ($page - 1) * $size, $size),
        'page' => $page,
        'pages' => $pages,
        'has_more' => $page < $pages,
    ];
}

$rows = range('a', 'h');
foreach ([1, 3, 99, -5] as $n) {
    echo json_encode(page($rows, $n)), "\n";
}
echo json_encode(page([], 1)), "\n";
$offset = 0;
$all = [];
do {
    $batch = array_slice($rows, $offset, 3);
    $all = [...$all, ...$batch];
    $offset += count($batch);
} while (count($batch) === 3);
echo implode('', $all), " $offset\n";
