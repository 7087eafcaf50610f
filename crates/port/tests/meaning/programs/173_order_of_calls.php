<?php
// Order of effects in calls and arrays.
class Counter
{
    private int $n = 0;
    private array $log = [];

    public function next(): int
    {
        $this->n++;
        $this->log[] = "n{$this->n}";
        return $this->n;
    }

    public function log(): string
    {
        return implode(',', $this->log);
    }
}

function pair(int $a, int $b): string
{
    return "$a/$b";
}

$c = new Counter();
echo pair($c->next(), $c->next()), ' ', $c->next(), ' ', $c->log(), "\n";
$list = [$c->next(), $c->next()];
echo json_encode($list), "\n";
$s = 'a' . $c->next() . 'b' . $c->next();
echo $s, "\n";
$counts = [];
foreach (['x', 'y', 'x'] as $k) {
    $counts[$k] = ($counts[$k] ?? 0) + 1;
}
echo json_encode($counts), "\n";
$stock = ['tea' => 5];
$stock['tea']--;
$stock['tea'] -= 2;
++$stock['tea'];
echo $stock['tea'], "\n";
$items = [['n' => 1], ['n' => 2]];
foreach ($items as &$item) {
    $item['n'] *= 10;
    $item['extra'] = $item['n'] > 10 ? 'big' : 'small';
}
unset($item);
foreach ($items as $item) {
    echo $item['n'], $item['extra'], ' ';
}
echo "\n";
$z = 'az';
$z++;
echo $z, "\n";
function add(array $a): array
{
    $a[] = 'new';
    return $a;
}
$orig = ['old'];
$new = add($orig);
echo count($orig), count($new), "\n";
$status = '2';
switch ($status) {
    case 1:
        echo "one\n";
        break;
    case 2:
        echo "two\n";
        break;
}
$x = null;
echo isset($x['a']) ? 'set' : 'unset', ' ', $x['a'] ?? 'default', ' ', empty($x['a']) ? 'empty' : 'full', "\n";
$text = 'abc';
echo isset($text[5]) ? 'y' : 'n', $text[5] ?? '-', empty($text[0]) ? 'e' : 'f', "\n";
echo max('10', 9), ' ', max('abc', 5), ' ', max([1, 2], [1, 3])[1], ' ', min('', 'a'), "|\n";
echo 10 % 3, ' ', -10 % 3, ' ', fmod(10, 3), ' ', intdiv(-7, 2), ' ', 7 <=> '7', ' ', 'a' <=> 'b', "\n";
echo round(2.5), round(-2.5), round(1.955, 2), ' ', floor(-1.5), ' ', (int) '12abc', ' ', (int) 1e3, ' ', 0.1 + 0.7, "\n";
