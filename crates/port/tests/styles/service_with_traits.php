<?php

namespace Acme\Payment;

use ArrayAccess;
use InvalidArgumentException;
use Psr\Log\LoggerAwareInterface;
use Psr\Log\LoggerInterface;
use Psr\Log\NullLogger;
use WeChatPay\BuilderChainable;

interface Refunds
{
    /** A refund in full takes no amount. */
    public function refund(string $transactionId, ?int $fen = null): array;
}

trait LogsCalls
{
    private ?LoggerInterface $logger = null;

    public function setLogger(LoggerInterface $logger): void
    {
        $this->logger = $logger;
    }

    protected function logged(string $what, callable $call): mixed
    {
        $start = microtime(true);
        try {
            return $call();
        } finally {
            ($this->logger ??= new NullLogger())->info('{channel}.{what} took {ms} ms', [
                'channel' => static::channel(),
                'what' => $what,
                'ms' => round((microtime(true) - $start) * 1000),
            ]);
        }
    }

    abstract protected static function channel(): string;
}

trait MakesNumbers
{
    private static int $sequence = 0;

    protected function nextNumber(string $prefix): string
    {
        return sprintf('%s%s%04d', $prefix, date('YmdHis'), ++self::$sequence % 10000);
    }
}

/**
 * @property-read string $currency
 * @property-read int $attempts
 */
abstract class Gateway implements LoggerAwareInterface
{
    use LogsCalls, MakesNumbers {
        nextNumber as protected numbered;
        setLogger as public;
    }

    protected array $settings = ['currency' => 'CNY', 'attempts' => 3];

    public function __construct(protected BuilderChainable $client, array|ArrayAccess $settings = [])
    {
        foreach ($settings as $name => $value) {
            $setter = 'set' . ucfirst($name);
            method_exists($this, $setter) ? $this->$setter($value) : $this->settings[$name] = $value;
        }
    }

    public function __get(string $name): mixed
    {
        return $this->settings[$name] ?? throw new InvalidArgumentException(static::class . " has no {$name}");
    }

    public function __isset(string $name): bool
    {
        return isset($this->settings[$name]);
    }

    public static function with(BuilderChainable $client, mixed ...$settings): static
    {
        return new static($client, $settings);
    }

    final protected function retried(callable $call): mixed
    {
        for ($attempt = 1; ; $attempt++) {
            try {
                return $call($attempt);
            } catch (\GuzzleHttp\Exception\ServerException | \GuzzleHttp\Exception\ConnectException $e) {
                if ($attempt >= $this->attempts) {
                    throw $e;
                }
                usleep(2 ** $attempt * 100_000);
            }
        }
    }
}

final class WeChatGateway extends Gateway implements Refunds
{
    private string $notifyUrl = '';

    public function setNotifyUrl(string $url): self
    {
        $this->notifyUrl = rtrim($url, '/');

        return $this;
    }

    public function refund(string $transactionId, ?int $fen = null): array
    {
        // One number for all attempts: the second must not refund again.
        $number = $this->numbered('R');

        return $this->logged('refund', fn () => $this->retried(function (int $attempt) use ($transactionId, $fen, $number): array {
            $order = json_decode((string) $this->client
                ->v3->pay->transactions->id->_transaction_id_
                ->get(['transaction_id' => $transactionId, 'query' => ['mchid' => $this->mchid]])
                ->getBody(), true);
            $amount = ['total' => $order['amount']['total'], 'refund' => $fen ?? $order['amount']['total'], 'currency' => $this->currency];

            return $this->client->v3->refund->domestic->refunds->postAsync(['json' => array_filter([
                'transaction_id' => $transactionId,
                'out_refund_no' => $number,
                'notify_url' => $this->notifyUrl ? "{$this->notifyUrl}/refunds/{$attempt}" : null,
                'amount' => $amount,
            ])])->then(static function ($response): array {
                return json_decode((string) $response->getBody(), true);
            })->wait();
        }));
    }

    protected static function channel(): string
    {
        return 'wechat';
    }
}
