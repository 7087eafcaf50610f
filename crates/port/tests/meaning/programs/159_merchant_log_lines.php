<?php
// Log lines with context.
date_default_timezone_set('Asia/Shanghai');

class Logger
{
    private const LEVELS = ['debug' => 0, 'info' => 1, 'error' => 2];
    private array $lines = [];

    public function __construct(private string $least = 'info')
    {
    }

    public function log(string $level, string $message, array $context = []): void
    {
        if (self::LEVELS[$level] < self::LEVELS[$this->least]) {
            return;
        }
        $replace = [];
        foreach ($context as $key => $value) {
            $replace['{' . $key . '}'] = is_scalar($value) ? var_export($value, true) : json_encode($value);
        }
        $this->lines[] = sprintf('[%s] %s: %s', date('H:i:s', 1709971445 + count($this->lines)), strtoupper($level), strtr($message, $replace));
    }

    public function flush(): void
    {
        echo implode("\n", $this->lines), "\n";
        $this->lines = [];
    }
}

$log = new Logger();
$log->log('debug', 'not shown');
$log->log('info', 'order {no} paid {amount}', ['no' => 'A1', 'amount' => 1.5]);
$log->log('error', 'failed: {data} {ok}', ['data' => ['code' => 'X'], 'ok' => false]);
$log->flush();
