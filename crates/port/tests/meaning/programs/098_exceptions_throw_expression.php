<?php
// throw inside an expression, errors of the engine.
$config = ['mchid' => '19'];
try {
    $mchid = $config['mchid'] ?? throw new InvalidArgumentException('mchid is missing');
    echo $mchid, "\n";
    $serial = $config['serial'] ?? throw new InvalidArgumentException('serial is missing');
    echo $serial;
} catch (InvalidArgumentException $e) {
    echo $e->getMessage(), "\n";
}
$get = fn (array $a, string $k) => $a[$k] ?? throw new OutOfBoundsException("no $k");
try {
    echo $get($config, 'x');
} catch (OutOfRangeException | OutOfBoundsException $e) {
    echo get_class($e), ' ', $e->getMessage(), "\n";
}
try {
    echo match ('z') {
        'a' => 1,
    };
} catch (\UnhandledMatchError $e) {
    echo $e->getMessage(), "\n";
}
