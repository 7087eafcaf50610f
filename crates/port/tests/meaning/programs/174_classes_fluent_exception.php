<?php
// An exception that is told more before it is thrown, and an object made once.
class Refused extends RuntimeException
{
    private array $context = [];

    public function with(string $key, string $value): static
    {
        $this->context[$key] = $value;
        return $this;
    }

    public function context(): array
    {
        return $this->context;
    }
}

class Settings
{
    private static ?Settings $instance = null;
    private string $name = 'shop';

    public static function get(): self
    {
        if (self::$instance === null) {
            self::$instance = new self();
        }
        return self::$instance;
    }

    public function show(): self
    {
        echo $this->name, "\n";
        return $this;
    }
}

function pay(int $fen): int
{
    if ($fen <= 0) {
        throw (new Refused('too little'))->with('fen', (string) $fen)->with('hint', 'more');
    }
    return $fen;
}

foreach ([5, 0] as $fen) {
    try {
        echo pay($fen), "\n";
    } catch (Refused $e) {
        echo $e->getMessage(), ' ', json_encode($e->context()), "\n";
    }
}
Settings::get()->show()->show();
