<?php
// Categories: from rows to a tree and back.
$rows = [
    ['id' => 1, 'parent' => 0, 'name' => 'drinks'],
    ['id' => 2, 'parent' => 1, 'name' => 'tea'],
    ['id' => 3, 'parent' => 1, 'name' => 'coffee'],
    ['id' => 4, 'parent' => 2, 'name' => 'green'],
    ['id' => 5, 'parent' => 0, 'name' => 'cups'],
];

function build(array $rows, int $parent = 0): array
{
    $tree = [];
    foreach ($rows as $row) {
        if ($row['parent'] === $parent) {
            $children = build($rows, $row['id']);
            $tree[] = ['name' => $row['name']] + ($children ? ['children' => $children] : []);
        }
    }
    return $tree;
}

function show(array $tree, int $depth = 0): void
{
    foreach ($tree as $node) {
        echo str_repeat('  ', $depth), '- ', $node['name'], PHP_EOL;
        if (!empty($node['children'])) {
            show($node['children'], $depth + 1);
        }
    }
}

$tree = build($rows);
show($tree);
echo json_encode($tree), ' ', count($tree, COUNT_RECURSIVE), "\n";
