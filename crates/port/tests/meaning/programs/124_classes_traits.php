<?php
// Traits with state and with abstract methods.
trait Logs
{
    private array $log = [];

    protected function log(string $message): void
    {
        $this->log[] = $this->prefix() . $message;
    }

    public function dump(): string
    {
        return implode(' | ', $this->log);
    }

    abstract protected function prefix(): string;
}

trait Counts
{
    public static int $count = 0;

    public static function count(): int
    {
        return ++self::$count;
    }
}

class Service
{
    use Logs, Counts;

    public function run(): void
    {
        $this->log('start ' . self::count());
        $this->log('end ' . self::count());
    }

    protected function prefix(): string
    {
        return '[svc] ';
    }
}

$service = new Service();
$service->run();
echo $service->dump(), ' ', Service::$count, "\n";
