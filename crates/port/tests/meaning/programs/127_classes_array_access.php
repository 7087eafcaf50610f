<?php
// ArrayAccess, Countable, IteratorAggregate, JsonSerializable.
class Collection implements ArrayAccess, Countable, IteratorAggregate, JsonSerializable
{
    public function __construct(private array $items = [])
    {
    }

    public function offsetExists(mixed $offset): bool
    {
        return isset($this->items[$offset]);
    }

    public function offsetGet(mixed $offset): mixed
    {
        return $this->items[$offset] ?? null;
    }

    public function offsetSet(mixed $offset, mixed $value): void
    {
        if ($offset === null) {
            $this->items[] = $value;
        } else {
            $this->items[$offset] = $value;
        }
    }

    public function offsetUnset(mixed $offset): void
    {
        unset($this->items[$offset]);
    }

    public function count(): int
    {
        return count($this->items);
    }

    public function getIterator(): Iterator
    {
        return new ArrayIterator($this->items);
    }

    public function jsonSerialize(): array
    {
        return $this->items;
    }
}

$c = new Collection(['a' => 1]);
$c['b'] = 2;
$c[] = 3;
unset($c['a']);
echo count($c), ' ', $c['b'], ' ', isset($c['zzz']) ? 'yes' : 'no', ' ', json_encode($c), "\n";
foreach ($c as $k => $v) {
    echo "$k=>$v ";
}
echo "\n";
