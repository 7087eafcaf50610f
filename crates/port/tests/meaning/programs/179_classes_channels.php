<?php
// Channels behind an interface: an abstract class, a factory, a service with a list of them.
declare(strict_types=1);
namespace App\Pay;

interface Channel
{
    public function name(): string;
    public function pay(int $fen, array $extra = []): array;
    public function refund(string $no, ?string $reason = null): bool;
}

abstract class BaseChannel implements Channel
{
    protected array $calls = [];

    public function __construct(protected readonly string $mchid)
    {
    }

    public function pay(int $fen, array $extra = []): array
    {
        $this->calls[] = $this->name();
        return $this->request('pay', ['fen' => $fen] + $extra);
    }

    public function refund(string $no, ?string $reason = null): bool
    {
        $answer = $this->request('refund', ['no' => $no, 'reason' => $reason ?? 'none']);
        return isset($answer['no']);
    }

    abstract protected function request(string $what, array $data): array;
}

final class Jsapi extends BaseChannel
{
    public function name(): string
    {
        return 'jsapi';
    }

    protected function request(string $what, array $data): array
    {
        return ['what' => $what, 'mchid' => $this->mchid, 'n' => count($this->calls)] + $data;
    }
}

final class H5 extends BaseChannel
{
    public function __construct(string $mchid, private string $host)
    {
        parent::__construct($mchid);
    }

    public function name(): string
    {
        return 'h5';
    }

    protected function request(string $what, array $data): array
    {
        return ['what' => $what, 'host' => $this->host] + $data;
    }

    public function refund(string $no, ?string $reason = null): bool
    {
        echo "h5 refund\n";
        return parent::refund($no, $reason) && $no !== '';
    }
}

class Factory
{
    public static function make(string $kind, string $mchid): Channel
    {
        switch ($kind) {
            case 'jsapi':
                return new Jsapi($mchid);
            case 'h5':
                return new H5($mchid, 'h5.example');
            default:
                throw new \InvalidArgumentException("no channel $kind");
        }
    }

    public static function maybe(string $kind): ?Channel
    {
        if ($kind === 'jsapi') {
            return new Jsapi('maybe');
        }
        return null;
    }
}

class Service
{
    /** @var Channel[] */
    private array $channels;

    private int $count = 0;

    /** @param Channel[] $channels */
    public function __construct(array $channels)
    {
        $this->channels = $channels;
    }

    public function add(Channel $channel): self
    {
        $this->channels[] = $channel;
        return $this;
    }

    public function all(): void
    {
        foreach ($this->channels as $channel) {
            echo $channel->name(), ' ';
            $this->count++;
        }
        echo $this->count, ' ', count($this->channels), "\n";
    }
}

function run(Channel $channel): void
{
    echo json_encode($channel->pay(100)), "\n";
    echo json_encode($channel->pay(5, ['a' => 1])), "\n";
    echo $channel->refund('R1') ? 'yes' : 'no', "\n";
    echo $channel->refund('', 'why') ? 'yes' : 'no', "\n";
}

run(Factory::make('jsapi', '1900'));
run(Factory::make('h5', '1901'));
$service = new Service([new Jsapi('1'), new H5('2', 'x')]);
$service->add(Factory::make('jsapi', '3'))->add(new H5('4', 'y'))->all();
$service->all();
$m = Factory::maybe('h5');
echo $m === null ? 'null' : $m->name(), "\n";
$m = Factory::maybe('jsapi');
if ($m !== null) {
    echo $m->name(), "\n";
}
echo $m?->name(), "\n";
try {
    Factory::make('x', 'y');
} catch (\InvalidArgumentException $e) {
    echo $e->getMessage(), "\n";
}
