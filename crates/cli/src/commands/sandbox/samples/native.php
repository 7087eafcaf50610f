<?php
// composer require wechatpay/wechatpay
// php native.php
//
// An order in the sandbox by the official SDK. The keys are good for nothing else.

require __DIR__ . '/vendor/autoload.php';

use WeChatPay\Builder;
use WeChatPay\Crypto\Rsa;

$instance = Builder::factory([
    'base_uri'   => {{base_uri}},
    'mchid'      => {{mchid}},
    'serial'     => {{serial}},
    'privateKey' => Rsa::from('file://' . {{private_key}}, Rsa::KEY_TYPE_PRIVATE),
    'certs'      => [
        {{platform_id}} => Rsa::from('file://' . {{platform_file}}, Rsa::KEY_TYPE_PUBLIC),
    ],
    // For APIv2.
    'secret'     => trim(file_get_contents({{secret_file}})),
    'merchant'   => ['cert' => {{certificate}}, 'key' => {{private_key}}],
{{#tls}}    'verify'     => {{authority}},
]);

$response = $instance->chain('v3/pay/transactions/native')->post(['json' => [
    'appid'        => 'wx8888888888888888',
    'mchid'        => {{mchid}},
    'description'  => '咖啡',
    'out_trade_no' => 'php-' . time(),
    'notify_url'   => 'http://127.0.0.1:8080/notify',
    'amount'       => ['total' => 100, 'currency' => 'CNY'],
]]);
echo $response->getBody(), PHP_EOL;
