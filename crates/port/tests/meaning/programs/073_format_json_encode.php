<?php
// Lists are arrays, everything else objects.
echo json_encode([1, 2, 3]), json_encode(['a' => 1]), json_encode([]), json_encode(new stdClass()), json_encode([1 => 'a']), json_encode([[]]), "\n";
echo json_encode('中文/"\\'), ' ', json_encode('中文/', JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES), "\n";
echo json_encode(['a' => 1, 'b' => [], 'c' => ['x' => null], 'd' => new stdClass()], JSON_PRETTY_PRINT), "\n";
echo json_encode([0.1, 1.0, 100, '5', true, null, "tab\t", "\u{1F600}", '<>&\'']), "\n";
echo json_encode(1.0, JSON_PRESERVE_ZERO_FRACTION), ' ', json_encode(['k' => '1'], JSON_NUMERIC_CHECK), ' ', json_encode([], JSON_FORCE_OBJECT), "\n";
