<?php
// Delays that grow.
function delays(int $times, int $base = 100, float $factor = 2.0, int $most = 1000): array
{
    $out = [];
    $delay = $base;
    for ($i = 0; $i < $times; $i++) {
        $out[] = min((int) $delay, $most);
        $delay *= $factor;
    }
    return $out;
}

echo implode(' ', delays(6)), ' | ', implode(' ', delays(4, 50, 1.5)), "\n";
$responses = [503, 429, 200];
$attempt = 0;
while (true) {
    $status = $responses[$attempt] ?? 500;
    $attempt++;
    if ($status >= 200 && $status < 300) {
        echo "done after $attempt\n";
        break;
    } elseif ($attempt >= 5) {
        echo "gave up\n";
        break;
    } else {
        echo "status $status, again in ", delays($attempt)[$attempt - 1], "ms\n";
    }
}
