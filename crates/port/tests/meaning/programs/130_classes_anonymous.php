<?php
// A class without a name, and class constants as keys.
interface Handler
{
    public function handle(string $s): string;
}

$handler = new class ('>> ') implements Handler {
    public function __construct(private string $prefix)
    {
    }

    public function handle(string $s): string
    {
        return $this->prefix . $s;
    }
};
echo $handler->handle('hi'), ' ', $handler instanceof Handler ? 'handler' : '', "\n";

class Http
{
    const GET = 'get';
    const POST = 'post';
    const SAFE = [self::GET => true, self::POST => false];
    const DEFAULT_TIMEOUT = 5 * 60;
}

foreach (Http::SAFE as $method => $safe) {
    echo $method, '=', var_export($safe, true), ' ';
}
echo Http::DEFAULT_TIMEOUT, ' ', Http::SAFE[Http::POST] ? 'safe' : 'unsafe', ' ', Http::class, "\n";
