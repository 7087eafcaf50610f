<?php
// array_merge_recursive and array_replace_recursive differ.
$a = ['key' => ['x' => 1, 'list' => [1, 2]], 'name' => 'a'];
$b = ['key' => ['x' => 2, 'list' => [3]], 'name' => 'b'];
echo json_encode(array_merge_recursive($a, $b)), "\n";
echo json_encode(array_replace_recursive($a, $b)), "\n";

function merge(array $base, array $over): array
{
    foreach ($over as $key => $value) {
        if (is_array($value) && isset($base[$key]) && is_array($base[$key])) {
            $base[$key] = merge($base[$key], $value);
        } else {
            $base[$key] = $value;
        }
    }
    return $base;
}

echo json_encode(merge($a, $b)), "\n";
