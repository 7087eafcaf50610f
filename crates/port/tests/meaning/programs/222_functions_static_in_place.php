<?php
// Static variables: counted, cached, filled, and changed in place.
function counter() { static $n = 0; return ++$n; }
function post() { static $n = 0; return $n++; }
function both(): string { static $n = 10; $n--; --$n; $n *= 2; return "n=$n"; }
function cache(string $k): string
{
    static $cache = [];
    return $cache[$k] ??= strtoupper($k);
}
function log_(string $m): array
{
    static $log = [];
    $log[] = $m;
    return $log;
}
function deep(string $a, string $b): array
{
    static $t = [];
    $t[$a][$b] = ($t[$a][$b] ?? 0) + 1;
    unset($t['gone']);
    return $t;
}
function lazy(): string
{
    static $v;
    if ($v === null) { echo "(made) "; $v = 'value'; }
    return $v;
}
function lazy2(): string
{
    static $v = null;
    return $v ??= 'made';
}
function fact(int $n): int
{
    static $memo = [0 => 1];
    if (isset($memo[$n])) { return $memo[$n]; }
    return $memo[$n] = $n * fact($n - 1);
}
counter();
echo counter(), post(), post(), "\n";
echo both(), both(), "\n";
echo cache('a'), cache('a'), "\n";
log_('a');
echo implode(',', log_('b')), "\n";
deep('a', 'b');
echo json_encode(deep('a', 'b')), "\n";
echo lazy(), lazy(), lazy2(), lazy2(), "\n";
echo fact(5), fact(6), "\n";
function queue(string $in): string
{
    static $waiting = ['first'];
    array_push($waiting, $in);
    sort($waiting);
    return array_shift($waiting) . count($waiting);
}
echo queue('b'), ' ';
echo queue('a'), ' ';
echo queue('c'), "\n";
function once(): bool
{
    static $done = false;
    if ($done) {
        return false;
    }
    $done = true;
    return true;
}
var_dump(once(), once());
function text(string $more): string
{
    static $all = '';
    $all .= $more . ';';
    return $all;
}
text('a');
echo text('b'), "\n";
function average(float $value): float
{
    static $sum = 0.0, $count = 0;
    $sum += $value;
    $count++;
    return $sum / $count;
}
average(1);
echo average(2.5), "\n";
$next = function () {
    static $k = 0;
    return ++$k;
};
$next();
echo $next(), "\n";
