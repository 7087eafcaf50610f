<?php
// A table of handlers.
$handlers = [
    'TRANSACTION.SUCCESS' => fn (array $d) => 'paid ' . $d['no'],
    'REFUND.SUCCESS' => function (array $d): string {
        return 'refunded ' . $d['no'];
    },
];
foreach (['TRANSACTION.SUCCESS', 'REFUND.SUCCESS', 'OTHER'] as $event) {
    $handler = $handlers[$event] ?? fn () => 'ignored';
    echo $event, ': ', $handler(['no' => 'A1']), "\n";
}
echo isset($handlers['OTHER']) ? 'yes' : 'no', ' ', $handlers['REFUND.SUCCESS'](['no' => 'B2']), "\n";
