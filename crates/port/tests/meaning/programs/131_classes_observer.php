<?php
// Callbacks in an object.
class Events
{
    /** @var array<string, callable[]> */
    private array $listeners = [];

    public function on(string $event, callable $listener): static
    {
        $this->listeners[$event][] = $listener;
        return $this;
    }

    public function fire(string $event, mixed ...$payload): int
    {
        foreach ($this->listeners[$event] ?? [] as $listener) {
            $listener(...$payload);
        }
        return count($this->listeners[$event] ?? []);
    }
}

$seen = [];
$events = (new Events())
    ->on('paid', function (string $no, int $fen) use (&$seen) {
        $seen[] = "$no:$fen";
    })
    ->on('paid', fn (string $no) => print("mail for $no\n"));
echo $events->fire('paid', 'A1', 100), $events->fire('closed'), ' ', implode(',', $seen), "\n";
