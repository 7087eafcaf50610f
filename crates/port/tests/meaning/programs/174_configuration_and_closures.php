<?php
// Config and closures.
const DEFAULTS = ['timeout' => 5, 'hosts' => ['a', 'b']];
final class Config
{
    public const KEYS = ['mchid', 'serial'];
    public const LIMITS = ['max' => 100, 'min' => 1];
    private const MAP = [self::A => 'first', self::B => 'second'];
    public const A = 'a';
    public const B = 'b';

    public static function name(string $k): string
    {
        return self::MAP[$k] ?? 'unknown';
    }

    public function missing(array $given): array
    {
        return array_values(array_diff(self::KEYS, array_keys($given)));
    }
}
echo Config::name('a'), ' ', Config::name('z'), ' ', implode(',', (new Config())->missing(['mchid' => 1])), ' ', Config::LIMITS['max'], ' ', count(Config::KEYS), "\n";
foreach (Config::LIMITS as $k => $v) {
    echo "$k=$v ";
}
echo in_array('serial', Config::KEYS, true) ? 'yes' : 'no', "\n";
$merged = array_merge(DEFAULTS, ['timeout' => 9]);
echo json_encode($merged), "\n";
$total = 0;
$lines = [['p' => 100, 'q' => 2], ['p' => 50, 'q' => 1]];
array_walk($lines, function ($l) use (&$total) {
    $total += $l['p'] * $l['q'];
});
echo $total, "\n";
$by = 'p';
usort($lines, fn ($a, $b) => $a[$by] <=> $b[$by]);
echo json_encode(array_column($lines, 'p')), "\n";
$parts = explode('&', 'a=1&b=2&c');
$out = [];
foreach ($parts as $part) {
    if (($at = strpos($part, '=')) !== false && ($key = substr($part, 0, $at)) !== '') {
        $out[$key] = substr($part, $at + 1);
    } elseif (!isset($out['rest']) && $rest = trim($part)) {
        $out['rest'] = $rest;
    }
}
echo json_encode($out), "\n";
$page = 0;
do {
    $page++;
    if ($page === 2) {
        continue;
    }
    echo "page $page ";
} while ($page < 3);
echo "\n";
$rows = ['r1', 'r2', 'r3'];
while ($row = array_shift($rows)) {
    echo $row, count($rows), ' ';
}
echo "\n";
for ($i = 3; $i-- > 0;) {
    echo $i;
}
echo "\n";
function amount(float $yuan): int
{
    return (int) round($yuan * 100);
}
echo amount('19.90'), ' ', amount(5), ' ', amount('0.07'), "\n";
$flags = ['a' => true, 'b' => false];
switch (true) {
    case $flags['b']:
        echo "b\n";
        break;
    case isset($flags['c']) || $flags['a'] && count($flags) === 2:
        echo "a\n";
        break;
    default:
        echo "none\n";
}
