<?php
// A bill, line by line.
function lines(string $text): Generator
{
    foreach (explode("\n", trim($text)) as $number => $line) {
        if ($number === 0 || $line === '') {
            continue;
        }
        yield str_getcsv(ltrim($line, '`'));
    }
}

$bill = "no,amount,state\n`A1,100,SUCCESS\n\n`A2,250,REFUND\n";
$sum = 0;
foreach (lines($bill) as [$no, $amount, $state]) {
    echo "$no $state\n";
    $sum += $state === 'REFUND' ? -$amount : $amount;
}
echo $sum, "\n";
