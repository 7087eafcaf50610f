<?php
// Interfaces and abstract classes as types of parameters, properties, results and lists.

/** Tells somebody something. */
interface Notifier
{
    const PREFIX = '> ';

    /** Sends one message. */
    public function notify(string $message): void;

    // How many there were.
    public function sent(): int;
}

final class LogNotifier implements Notifier
{
    private int $sent = 0;

    public function __construct(private string $file)
    {
    }

    public function notify(string $message): void
    {
        // One line each.
        echo self::PREFIX, $this->file, ': ', $message, "\n";
        $this->sent++;
    }

    public function sent(): int
    {
        return $this->sent;
    }

    public function file(): string
    {
        return $this->file;
    }
}

class NullNotifier implements Notifier
{
    public function notify(string $text): void
    {
    }

    public function sent(): int
    {
        return 0;
    }
}

abstract class Payment
{
    const CURRENCY = 'CNY';

    public function __construct(protected int $fen)
    {
    }

    abstract public function fee(): int;

    // What all have in common.
    public function describe(string $prefix = ''): string
    {
        return $prefix . $this->label() . ' ' . $this->fen . ' ' . self::CURRENCY . ' fee ' . $this->fee();
    }

    protected function label(): string
    {
        return 'payment';
    }
}

class NativePayment extends Payment
{
    public function fee(): int
    {
        return intdiv($this->fen * 6, 1000);
    }
}

class VipPayment extends Payment
{
    public function fee(): int
    {
        return 0;
    }

    protected function label(): string
    {
        return 'vip';
    }
}

class Shop
{
    /** @var Notifier[] */
    private array $others = [];
    private ?Notifier $fallback = null;

    public function __construct(private Notifier $notifier)
    {
    }

    public function also(Notifier $other): void
    {
        $this->others[] = $other;
    }

    public function fallback(?Notifier $fallback): void
    {
        $this->fallback = $fallback;
    }

    public function sell(Payment $payment): void
    {
        $this->notifier->notify($payment->describe());
        foreach ($this->others as $other) {
            echo $other->sent(), ' ';
        }
        echo $this->fallback === null ? 'none' : 'some', ' ', $this->fallback?->sent() ?? '-', "\n";
    }

    public function sent(): int
    {
        return $this->notifier->sent();
    }
}

function make(string $kind): Notifier
{
    return match ($kind) {
        'log' => new LogNotifier('made'),
        'null' => new NullNotifier(),
        default => throw new InvalidArgumentException($kind),
    };
}

function send(Notifier $n, string $m): void
{
    $n->notify($m);
}

function total(Notifier $n): int
{
    return $n->sent();
}

function fees(Payment ...$payments): int
{
    $sum = 0;
    foreach ($payments as $payment) {
        $sum += $payment->fee();
    }
    return $sum;
}

function show(Payment $payment): string
{
    return $payment->describe('show: ');
}

send(new LogNotifier('app.log'), 'hello');
$log = new LogNotifier('kept');
send($log, 'one');
send($log, 'two');
echo total($log), ' ', $log->file(), ' ', total(new NullNotifier()), ' ', Notifier::PREFIX, Payment::CURRENCY, "\n";
$made = make('log');
$made->notify('from the factory');
send($made, 'again');
echo $made->sent(), ' ', total($made), "\n";
$shop = new Shop(make('log'));
$shop->also(new NullNotifier());
$shop->also(make('null'));
$shop->sell(new NativePayment(10000));
$shop->fallback(new LogNotifier('fallback'));
$shop->sell(new VipPayment(5));
echo $shop->sent(), "\n";
foreach ([new NativePayment(20000), new VipPayment(1)] as $payment) {
    echo $payment->describe(), ' | ', show($payment), "\n";
}
echo fees(new NativePayment(1000), new VipPayment(1000), new NativePayment(3000)), "\n";
$chosen = $log->sent() > 1 ? new VipPayment(7) : new NativePayment(7);
echo show($chosen), "\n";
try {
    make('mail');
} catch (InvalidArgumentException $e) {
    echo 'no ', $e->getMessage(), "\n";
}
