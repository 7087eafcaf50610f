<?php
// __get, __set, __call, __invoke, __isset.
class Bag
{
    private array $data = [];

    public function __get(string $name)
    {
        return $this->data[$name] ?? "no $name";
    }

    public function __set(string $name, $value): void
    {
        $this->data[$name] = $value;
    }

    public function __isset(string $name): bool
    {
        return isset($this->data[$name]);
    }

    public function __call(string $name, array $arguments)
    {
        return $name . '(' . implode(',', $arguments) . ')';
    }

    public static function __callStatic(string $name, array $arguments)
    {
        return "static $name";
    }

    public function __invoke(int $n): int
    {
        return $n + count($this->data);
    }
}

$bag = new Bag();
$bag->color = 'red';
echo $bag->color, ' ', $bag->size, ' ', isset($bag->color) ? 'set' : '', ' ', isset($bag->size) ? 'set' : 'unset', "\n";
echo $bag->doThings(1, 2), ' ', Bag::make(), ' ', $bag(10), ' ', implode(',', array_map($bag, [1, 2])), "\n";
