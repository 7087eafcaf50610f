<?php
// Which state may follow which.
const TRANSITIONS = [
    'NOTPAY' => ['SUCCESS', 'CLOSED'],
    'SUCCESS' => ['REFUND'],
    'REFUND' => [],
    'CLOSED' => [],
];

function move(string $from, string $to): string
{
    if (!isset(TRANSITIONS[$from])) {
        throw new InvalidArgumentException("unknown state: {$from}");
    }
    if (!in_array($to, TRANSITIONS[$from], true)) {
        throw new LogicException(sprintf('%s cannot become %s, only %s', $from, $to, implode('/', TRANSITIONS[$from]) ?: 'nothing'));
    }
    return $to;
}

$state = 'NOTPAY';
foreach (['SUCCESS', 'CLOSED', 'REFUND', 'SUCCESS'] as $next) {
    try {
        $state = move($state, $next);
        echo "now $state\n";
    } catch (LogicException $e) {
        echo get_class($e), ': ', $e->getMessage(), "\n";
    }
}
