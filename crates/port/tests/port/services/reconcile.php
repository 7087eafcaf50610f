<?php
/**
 * 退款对账脚本：每天凌晨跑一次
 * 用法：php reconcile.php 2024-05-01
 */
require __DIR__ . '/../vendor/autoload.php';

use WeChatPay\Builder;
use WeChatPay\Crypto\Rsa;
use WeChatPay\Util\PemUtil;
use GuzzleHttp\Exception\ClientException;
use GuzzleHttp\Exception\ServerException;

date_default_timezone_set('Asia/Shanghai');

define('BILL_DIR', getenv('BILL_DIR') ?: '/tmp/bills');

$config = [
    'mchid' => '1900006XXX',
    'serial' => '3775B6A45ACD588826D15E583A95F5DD********',
    'key_path' => '/etc/wxpay/apiclient_key.pem',
    'cert_path' => '/etc/wxpay/wechatpay_cert.pem',
];

$merchantPrivateKeyInstance = Rsa::from('file://' . $config['key_path'], Rsa::KEY_TYPE_PRIVATE);
$platformCertificateSerial = PemUtil::parseCertificateSerialNo('file://' . $config['cert_path']);
$platformPublicKeyInstance = Rsa::from('file://' . $config['cert_path'], Rsa::KEY_TYPE_PUBLIC);

$instance = Builder::factory([
    'mchid'      => $config['mchid'],
    'serial'     => $config['serial'],
    'privateKey' => $merchantPrivateKeyInstance,
    'certs'      => [
        $platformCertificateSerial => $platformPublicKeyInstance,
    ],
]);

$day = $argv[1] ?? date('Y-m-d', strtotime('-1 day'));
if (strlen($day) !== 10 || $day[4] !== '-') {
    fwrite(STDERR, "bad day: $day\n");
    exit(1);
}

function fetchBill($instance, string $day, string $type = 'ALL'): ?string
{
    try {
        $resp = $instance->v3->bill->tradebill->get(['query' => ['bill_date' => $day, 'bill_type' => $type]]);
    } catch (ClientException $e) {
        $code = json_decode((string) $e->getResponse()->getBody())->code ?? '';
        if ($code === 'NO_STATEMENT_EXIST') {
            return null;
        }
        throw $e;
    }
    $body = json_decode((string) $resp->getBody());
    $file = BILL_DIR . '/' . $day . '.csv';
    $instance->v3->billdownload->file->get([
        'query' => ['token' => substr($body->download_url, strpos($body->download_url, 'token=') + 6)],
        'sink' => $file,
    ]);
    return $file;
}

$total = 0;
$rows = 0;
$byState = [];
$retry = 3;
while ($retry-- > 0) {
    try {
        $file = fetchBill($instance, $day);
        break;
    } catch (ServerException $e) {
        echo '[', date('H:i:s'), '] server error: ', $e->getMessage(), ', retry left ', $retry, PHP_EOL;
        sleep(1 << (3 - $retry));
    }
}
if (empty($file)) {
    echo "no bill\n";
    exit(0);
}
$lines = explode("\n", trim(file_get_contents($file)));
array_shift($lines);
foreach ($lines as $i => $line) {
    if (strpos($line, '`') !== 0) {
        continue;
    }
    $cols = array_map(function ($v) {
        return ltrim(trim($v), '`');
    }, explode(',', $line));
    list($time, $appid, $mchid, , , $transactionId, $outTradeNo) = $cols;
    $amount = round($cols[12] * 100);
    $total += $amount;
    $rows++;
    $state = $cols[9];
    if (!isset($byState[$state])) {
        $byState[$state] = ['count' => 0, 'amount' => 0];
    }
    $byState[$state]['count']++;
    $byState[$state]['amount'] += $amount;
}
ksort($byState);
printf("%s: %d rows, %.2f yuan\n", $day, $rows, $total / 100);
foreach ($byState as $state => ['count' => $c, 'amount' => $a]) {
    echo str_pad($state, 10), sprintf('%5d %12.2f', $c, $a / 100), "\n";
}
