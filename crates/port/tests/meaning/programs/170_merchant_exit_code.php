<?php
// exit with a code, output before it, nothing after.
function run(array $jobs): int
{
    $failed = 0;
    foreach ($jobs as $name => $job) {
        try {
            echo $name, ': ', $job(), "\n";
        } catch (Throwable $e) {
            $failed++;
            echo $name, ' failed: ', $e->getMessage(), "\n";
        }
    }
    return $failed;
}

$failed = run(['ok' => fn () => 'fine', 'bad' => fn () => throw new RuntimeException('broken')]);
if ($failed > 0) {
    exit(3);
}
echo "not reached\n";
