#!/usr/bin/env php
<?php

declare(strict_types=1);

require __DIR__ . '/vendor/autoload.php';

use GuzzleHttp\Exception\GuzzleException;
use GuzzleHttp\Exception\RequestException;
use WeChatPay\Builder;
use WeChatPay\BuilderChainable;
use WeChatPay\Crypto\Rsa;

const EXIT_OK = 0;
const EXIT_USAGE = 64;
const EXIT_FAILED = 1;

function usage(string $program): never
{
    fwrite(STDERR, <<<USAGE
        Usage: {$program} [-v] [-o FILE] --date=YYYY-MM-DD [--type=ALL|SUCCESS|REFUND]

          -v          says what it does
          -o FILE     writes the bill there, not to standard output

        USAGE);
    exit(EXIT_USAGE);
}

function client(): BuilderChainable
{
    $need = static fn (string $name): string => getenv($name) ?: throw new RuntimeException("set {$name}");

    return Builder::factory([
        'mchid' => $need('WECHATPAY_MCHID'),
        'serial' => $need('WECHATPAY_SERIAL'),
        'privateKey' => Rsa::from('file://' . $need('WECHATPAY_KEY')),
        'certs' => [$need('WECHATPAY_PUBLIC_KEY_ID') => Rsa::from('file://' . $need('WECHATPAY_PUBLIC_KEY'), Rsa::KEY_TYPE_PUBLIC)],
    ]);
}

/**
 * The rows of a bill, without its summary.
 *
 * @return Generator<int, array<string, string>>
 */
function rows(string $csv): Generator
{
    $lines = preg_split('/\r?\n/', trim($csv, "\u{FEFF} \r\n"));
    $header = str_getcsv((string) array_shift($lines));
    foreach ($lines as $line) {
        // The summary has a header of its own, which does not begin with a backquote.
        if ($line === '' || $line[0] !== '`') {
            break;
        }
        yield array_combine($header, array_map(fn (string $cell): string => ltrim($cell, '`'), str_getcsv($line)));
    }
}

function download(BuilderChainable $client, string $date, string $type): string
{
    $bill = $client->chain('v3/bill/tradebill')->get(['query' => ['bill_date' => $date, 'bill_type' => $type]]);
    ['download_url' => $url, 'hash_value' => $hash] = json_decode((string) $bill->getBody(), true, flags: JSON_THROW_ON_ERROR);

    $handler = clone $client->getDriver()->select()->getConfig('handler');
    $handler->remove('verifier');
    $csv = (string) $client->chain($url)->get(['handler' => $handler])->getBody();
    if (!hash_equals($hash, sha1($csv))) {
        throw new UnexpectedValueException("the bill of {$date} is damaged");
    }

    return $csv;
}

$options = getopt('vo:', ['date:', 'type::', 'help'], $rest);
if (isset($options['help']) || !isset($options['date']) || $rest < $argc) {
    usage(basename($argv[0]));
}
$verbose = isset($options['v']);
$log = static function (string $format, mixed ...$values) use ($verbose): void {
    $verbose && fprintf(STDERR, $format . PHP_EOL, ...$values);
};

try {
    $started = hrtime(true);
    $csv = download(client(), $options['date'], $options['type'] ?? 'ALL');
    $log('%d bytes in %.1f ms', strlen($csv), (hrtime(true) - $started) / 1e6);

    $out = isset($options['o']) ? fopen($options['o'], 'wb') : STDOUT;
    $totals = [];
    foreach (rows($csv) as $number => $row) {
        $totals[$row['交易状态']] ??= 0;
        $totals[$row['交易状态']] += (int) round((float) $row['应结订单金额'] * 100);
        fputcsv($out, [$number + 1, $row['商户订单号'], $row['应结订单金额']]);
    }
    ksort($totals);
    array_walk($totals, fn (int $fen, string $state) => $log('%-10s %12.2f', $state, $fen / 100));
} catch (RequestException $e) {
    fwrite(STDERR, $e->hasResponse() ? $e->getResponse()->getBody() . PHP_EOL : $e->getMessage() . PHP_EOL);
    exit(EXIT_FAILED);
} catch (GuzzleException | RuntimeException $e) {
    fwrite(STDERR, sprintf("%s: %s\n", $e::class, $e->getMessage()));
    exit(EXIT_FAILED);
}

exit(EXIT_OK);
