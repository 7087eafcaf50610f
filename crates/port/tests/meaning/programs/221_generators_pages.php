<?php
// Pages that are asked for when the loop wants them, and no page more than that.
final class Platform
{
    public int $asked = 0;

    public function __construct(private array $rows)
    {
    }

    public function get(int $offset, int $limit): array
    {
        $this->asked++;
        echo "[GET offset=$offset]";
        return ['data' => array_slice($this->rows, $offset, $limit), 'total_count' => count($this->rows)];
    }
}

/** Walks all pages. */
function pages(Platform $platform, int $limit): \Generator
{
    $offset = 0;
    do {
        $page = $platform->get($offset, $limit);
        foreach ($page['data'] as $row) {
            yield $row;
        }
        $offset += $limit;
    } while ($offset < $page['total_count']);
}

/** Only those in a state. */
function inState(Platform $platform, string $state): iterable
{
    foreach (pages($platform, 2) as $row) {
        if ($row['state'] === $state) {
            yield $row['id'] => $row['amount'];
        }
    }
}

$rows = [
    ['id' => 'a', 'state' => 'SUCCESS', 'amount' => 100],
    ['id' => 'b', 'state' => 'REFUND', 'amount' => 250],
    ['id' => 'c', 'state' => 'SUCCESS', 'amount' => 7],
    ['id' => 'd', 'state' => 'SUCCESS', 'amount' => 1],
    ['id' => 'e', 'state' => 'REFUND', 'amount' => 30],
];
$platform = new Platform($rows);
foreach (pages($platform, 2) as $row) {
    echo $row['id'], ' ';
    if ($row['id'] === 'c') {
        break;
    }
}
echo $platform->asked, "\n";

$sum = 0;
foreach (inState(new Platform($rows), 'REFUND') as $id => $amount) {
    echo "$id: $amount ";
    $sum += $amount;
}
echo $sum, "\n";

function amountOf(array $rows, string $wanted): int
{
    foreach (inState(new Platform($rows), 'SUCCESS') as $id => $amount) {
        if ($id !== $wanted) {
            continue;
        }
        return $amount;
    }
    throw new OutOfBoundsException("no $wanted");
}

echo amountOf($rows, 'c'), "\n";
try {
    echo amountOf($rows, 'b'), "\n";
} catch (OutOfBoundsException $e) {
    echo $e->getMessage(), "\n";
}

// What a row needs from around it.
$names = ['a' => 'first', 'e' => 'last'];
$found = [];
foreach (pages(new Platform($rows), 5) as $row) {
    if (!isset($names[$row['id']])) {
        continue;
    }
    $label = $names[$row['id']];
    $found[$label] = $row['amount'] / 100;
    unset($names[$row['id']]);
}
echo json_encode($found), json_encode($names), $label, "\n";
