<?php
// Objects that point at one another.
class Node
{
    public ?Node $next = null;

    public function __construct(public int $value)
    {
    }
}

class Stack
{
    private ?Node $top = null;
    private int $size = 0;

    public function push(int $value): void
    {
        $node = new Node($value);
        $node->next = $this->top;
        $this->top = $node;
        $this->size++;
    }

    public function pop(): ?int
    {
        if ($this->top === null) {
            return null;
        }
        $value = $this->top->value;
        $this->top = $this->top->next;
        $this->size--;
        return $value;
    }

    public function sum(): int
    {
        $sum = 0;
        for ($node = $this->top; $node; $node = $node->next) {
            $sum += $node->value;
        }
        return $sum;
    }
}

$stack = new Stack();
foreach ([1, 2, 3] as $n) {
    $stack->push($n);
}
echo $stack->sum(), ' ', $stack->pop(), $stack->pop(), $stack->pop(), ' ';
var_dump($stack->pop());
