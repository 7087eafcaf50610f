<?php
// Methods that return their own object, one behind the other.
class Query
{
    private array $params = [];
    private int $calls = 0;

    // One condition more.
    public function where(string $key, $value): self
    {
        $this->params[$key] = $value;
        $this->calls++;
        return $this;
    }

    public function limit(int $n): static
    {
        if ($n < 1) {
            return $this;
        }
        return $this->where('limit', $n);
    }

    public function paid()
    {
        return $this->where('state', 'PAID')->limit(5);
    }

    public function log(): self
    {
        echo 'query of ', $this->calls, "\n";
        return $this;
    }

    public function merge(Query $other): self
    {
        foreach ($other->toArray() as $key => $value) {
            $this->where($key, $value);
        }
        return $this;
    }

    public function toArray(): array
    {
        return $this->params;
    }
}

function recent(int $n): array
{
    return (new Query())->where('order', 'desc')->limit($n)->toArray();
}

function prepared(string $state): Query
{
    return (new Query())->where('state', $state)->limit(2);
}

function narrow(Query $query): void
{
    $query->where('narrow', true)->log();
}

echo json_encode(recent(3)), "\n";
$q = (new Query())->where('a', 1)->where('b', 'x');
$q->limit(0)->where('c', null);
$q = $q->where('d', 2.5);
narrow($q);
echo json_encode($q->toArray()), "\n";
$p = prepared('NEW');
$p->log()->paid()->log();
echo json_encode($p->toArray()), "\n";
$r = new Query();
$r->where('x', 1);
$s = $r->limit(9);
echo json_encode($s->toArray()), "\n";
$all = [];
$all[] = (new Query())->where('n', 1);
$all[] = prepared('OLD')->paid();
foreach ($all as $one) {
    echo json_encode($one->toArray()), "\n";
}
$query = (new Query())->merge((new Query())->where('inner', 1)->limit(1))->where('outer', 2);
echo json_encode($query->toArray()), ' ', count((new Query())->paid()->toArray()), "\n";
