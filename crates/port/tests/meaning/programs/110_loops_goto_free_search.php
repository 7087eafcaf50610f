<?php
// Searching with a flag, primes, bubble sort.
$primes = [];
for ($n = 2; count($primes) < 10; $n++) {
    $isPrime = true;
    for ($d = 2; $d * $d <= $n; $d++) {
        if ($n % $d === 0) {
            $isPrime = false;
            break;
        }
    }
    if ($isPrime) {
        $primes[] = $n;
    }
}
echo implode(' ', $primes), "\n";
$list = [5, 3, 9, 1];
for ($i = 0; $i < count($list); $i++) {
    for ($j = 0; $j < count($list) - $i - 1; $j++) {
        if ($list[$j] > $list[$j + 1]) {
            $t = $list[$j];
            $list[$j] = $list[$j + 1];
            $list[$j + 1] = $t;
        }
    }
}
echo implode(' ', $list), "\n";
[$a, $b] = [0, 1];
while ($a < 100) {
    echo $a, ' ';
    [$a, $b] = [$b, $a + $b];
}
echo "\n";
