<?php
/*
 * Closes orders that nobody has paid. From crontab, every five minutes:
 *   *\/5 * * * * php /data/shop/cron/close_orders.php >> /data/logs/close.log 2>&1
 */
error_reporting(E_ALL & ~E_NOTICE);
set_time_limit(0);
date_default_timezone_set('PRC');

require_once dirname(__FILE__) . '/../vendor/autoload.php';
require_once dirname(__FILE__) . '/../inc/config.inc.php';
include 'functions.php';

use WeChatPay\Builder;

define('LOCK_FILE', '/tmp/close_orders.lock');
define('EXPIRE', 1800);

// Only one at a time.
$fp = fopen(LOCK_FILE, 'w+');
if (!flock($fp, LOCK_EX | LOCK_NB)) {
    echo date('Y-m-d H:i:s') . " still running, bye\n";
    exit;
}

$pdo = new PDO('mysql:host=' . DB_HOST . ';dbname=' . DB_NAME . ';charset=utf8', DB_USER, DB_PASS);
$pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);

$wxpay = Builder::factory(array(
    'mchid'      => WX_MCHID,
    'serial'     => WX_SERIAL,
    'privateKey' => \WeChatPay\Crypto\Rsa::from('file://' . WX_KEY_PATH),
    'certs'      => array(
        WX_PLATFORM_SERIAL => \WeChatPay\Crypto\Rsa::from('file://' . WX_PLATFORM_CERT, \WeChatPay\Crypto\Rsa::KEY_TYPE_PUBLIC),
    ),
));

$sql = "SELECT id, order_sn, add_time FROM ec_order WHERE pay_status = 0 AND add_time < " . (time() - EXPIRE) . " LIMIT 100";
$list = $pdo->query($sql)->fetchAll(PDO::FETCH_ASSOC);
echo date('Y-m-d H:i:s') . ' found ' . count($list) . " orders\n";

$closed = $paid = $failed = 0;
foreach ($list as $k => $row) {
    $sn = trim($row['order_sn']);
    if (!$sn) continue;

    $state = query_state($wxpay, $sn);
    switch ($state) {
        case 'SUCCESS':
            // paid in the last second
            mark_paid($pdo, $row['id']);
            $paid++;
            break;
        case 'CLOSED':
        case 'NOTPAY':
            try {
                $wxpay->v3->pay->transactions->outTradeNo->_out_trade_no_->close->post(array(
                    'json' => array('mchid' => WX_MCHID),
                    'out_trade_no' => $sn,
                ));
                $stmt = $pdo->prepare('UPDATE ec_order SET order_status = 2 WHERE id = ?');
                $stmt->execute(array($row['id']));
                $closed++;
            } catch (Exception $e) {
                error_log('[close] ' . $sn . ' ' . $e->getMessage(), 3, '/data/logs/close_error.log');
                $failed++;
            }
            break;
        default:
            @file_put_contents('/data/logs/unknown.txt', $sn . "\t" . $state . PHP_EOL, FILE_APPEND);
    }
    if ($k % 20 == 19) {
        usleep(200000); // not too fast
    }
}

echo "closed: $closed, paid: $paid, failed: $failed\n";
flock($fp, LOCK_UN);
fclose($fp);
@unlink(LOCK_FILE);

/**
 * What WeChat Pay says of an order.
 *
 * @param \WeChatPay\BuilderChainable $wxpay
 * @param string $sn
 * @return string
 */
function query_state($wxpay, $sn)
{
    global $failed;
    for ($i = 0; $i < 3; $i++) {
        try {
            $resp = $wxpay->chain('v3/pay/transactions/out-trade-no/{out_trade_no}')->get(array(
                'out_trade_no' => $sn,
                'query' => array('mchid' => WX_MCHID),
            ));
            $json = json_decode($resp->getBody()->getContents(), true);
            return isset($json['trade_state']) ? $json['trade_state'] : '';
        } catch (\GuzzleHttp\Exception\RequestException $e) {
            if ($e->hasResponse() && $e->getResponse()->getStatusCode() == 404) return 'NOTPAY';
            sleep(1);
        }
    }
    $failed++;
    return '';
}

function mark_paid($pdo, $id)
{
    $pdo->exec('UPDATE ec_order SET pay_status = 2, pay_time = ' . time() . ' WHERE id = ' . intval($id));
}
