<?php
// Generators that are loops: who goes on, who stops, and in which order things happen.
function countTo(int $n): Generator
{
    for ($i = 1; $i <= $n; $i++) {
        echo "[make $i]";
        yield $i;
    }
    echo "[end]";
}
function rows(array $rows, int $size): iterable
{
    $page = 1;
    foreach (array_chunk($rows, $size) as $chunk) {
        yield "page $page" => $chunk;
        $page++;
    }
}
function texts(string $text): Generator
{
    foreach (explode("\n", $text) as $number => $line) {
        if ($line === '') { continue; }
        if ($line === 'stop') { return; }
        yield trim($line);
    }
}
function both(string $t)
{
    yield 'start';
    yield from ['a', 'b'];
    yield from texts($t);
    foreach (texts($t) as $line) {
        if ($line === 'skip') { break; }
        yield strtoupper($line);
    }
    yield 'end';
}
// break, continue
foreach (countTo(5) as $n) {
    if ($n === 2) { continue; }
    if ($n === 4) { break; }
    echo "use $n ";
}
echo "\n";
foreach (rows(['a', 'b', 'c'], 2) as $name => $rows) {
    echo $name, ':', implode(',', $rows), ' ';
}
foreach (countTo(2) as $i => $n) {
    echo $i, '=', $n, ' ';
}
function find(int $wanted): string
{
    foreach (countTo(10) as $n) {
        if ($n === $wanted) {
            return "found $n";
        }
        if ($n > 3) { break; }
    }
    return 'not found';
}
function first(): ?int
{
    foreach (countTo(3) as $n) {
        return $n;
    }
    return null;
}
function quiet(int $until): void
{
    foreach (countTo(10) as $n) {
        if ($n === $until) { return; }
        echo "<$n>";
    }
    echo 'all';
}
echo find(2), "\n";
echo find(9), "\n";
echo first(), "\n";
quiet(2);
$total = 0;
$seen = [];
foreach (both("x\ny\n\nskip\nstop\nz") as $line) {
    $total += strlen($line);
    $seen[] = $line;
    for ($k = 0; $k < 3; $k++) {
        if ($k === 1) { continue 2; }
        echo $k;
    }
    echo 'never';
}
echo $total, json_encode($seen), "\n";
echo array_sum(iterator_to_array(countTo(4))), "\n";
echo json_encode(iterator_to_array(rows(['a', 'b', 'c'], 2))), json_encode(iterator_to_array(both("q"), false)), "\n";
function failing()
{
    yield 1;
    throw new RuntimeException('from the generator');
}
try {
    foreach (failing() as $one) {
        echo "one $one ";
    }
} catch (RuntimeException $e) {
    echo $e->getMessage(), "\n";
}
try {
    foreach (countTo(3) as $one) {
        if ($one === 2) { throw new InvalidArgumentException("from the loop at $one"); }
    }
} catch (InvalidArgumentException $e) {
    echo $e->getMessage(), "\n";
}
class Book
{
    private array $rows = [];
    public function add(string $row): void { $this->rows[] = $row; }
    public function all(): Generator
    {
        foreach ($this->rows as $row) {
            yield $row;
        }
    }
    public function longest(): string
    {
        $longest = '';
        foreach ($this->all() as $row) {
            if (strlen($row) > strlen($longest)) { $longest = $row; }
        }
        return $longest;
    }
    public static function upTo(int $n) { while ($n > 0) { yield $n--; } }
}
$book = new Book();
$book->add('aa');
$book->add('bbb');
foreach ($book->all() as $row) { echo $row, ' '; }
echo $book->longest(), ' ';
foreach (Book::upTo(3) as $n) { echo $n; }
echo "\n";
