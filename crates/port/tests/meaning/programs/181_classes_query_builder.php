<?php
// A builder of queries, as frameworks have it.
class Sql
{
    private string $table = '';
    /** @var string[] */
    private array $wheres = [];
    private ?int $limit = null;
    private array $order = [];

    public static function table(string $table): static
    {
        $sql = new static();
        $sql->table = $table;
        return $sql;
    }

    public function where(string $column, string $operator, mixed $value = null): static
    {
        $this->wheres[] = "$column $operator " . var_export($value, true);
        return $this;
    }

    public function orderBy(string $column, string $direction = 'asc'): static
    {
        $this->order[$column] = $direction;
        return $this;
    }

    public function take(int $n): static
    {
        $this->limit = $n;
        return $this;
    }

    public function __toString(): string
    {
        $sql = "select * from {$this->table}";
        if ($this->wheres) {
            $sql .= ' where ' . implode(' and ', $this->wheres);
        }
        foreach ($this->order as $column => $direction) {
            $sql .= " order by $column $direction";
        }
        return $sql . ($this->limit === null ? '' : " limit {$this->limit}");
    }
}

function filtered(array $filters): string
{
    $sql = Sql::table('orders');
    foreach ($filters as $column => $value) {
        $sql = $sql->where($column, '=', $value);
    }
    if (count($filters) > 1) {
        $sql->orderBy('id', 'desc')->take(3);
    }
    return (string) $sql;
}

echo filtered([]), "\n", filtered(['a' => 1]), "\n", filtered(['a' => 1, 'b' => 'x']), "\n";
echo Sql::table('t')->where('x', '>', 5)->orderBy('y'), "\n";
$text = (string) Sql::table('u')
    // only the new ones
    ->where('state', '=', 'NEW')
    ->take(2);
echo $text, "\n";
