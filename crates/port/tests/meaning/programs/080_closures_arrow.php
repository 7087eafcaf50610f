<?php
// Arrow functions see what is around them, and cannot change it.
$rate = 0.06;
$prices = ['tea' => 1000, 'cup' => 550];
$withTax = array_map(fn ($fen) => (int) round($fen * (1 + $rate)), $prices);
print_r($withTax);
$n = 1;
$more = fn ($a) => $a + $n;
$n = 5;
echo $more(10), $n, "\n";
echo implode(',', array_filter(range(1, 10), fn ($i) => $i % 3 === 0)), "\n";
