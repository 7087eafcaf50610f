<?php
// Handled once.
$processed = [];
$balance = 0;

function handle(array $event, array &$processed, int &$balance): bool
{
    $id = $event['id'];
    if (array_key_exists($id, $processed)) {
        return false;
    }
    $processed[$id] = true;
    $balance += $event['type'] === 'pay' ? $event['fen'] : -$event['fen'];
    return true;
}

foreach ([['id' => 'e1', 'type' => 'pay', 'fen' => 100], ['id' => 'e2', 'type' => 'refund', 'fen' => 30], ['id' => 'e1', 'type' => 'pay', 'fen' => 100]] as $event) {
    echo $event['id'], ' ', handle($event, $processed, $balance) ? 'handled' : 'seen', ' ', $balance, "\n";
}
echo count($processed), ' ', implode(',', array_keys($processed)), "\n";
