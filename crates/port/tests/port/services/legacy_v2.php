<?php
require_once 'vendor/autoload.php';

use WeChatPay\Builder;
use WeChatPay\Formatter;
use WeChatPay\Crypto\Hash;
use WeChatPay\Transformer;

class WxPayApi
{
    const API = 'v2/pay/unifiedorder';
    public static $timeout = 6;
    private static $client;
    private $values = array();

    private static function client()
    {
        if (self::$client === null) {
            self::$client = Builder::factory([
                'mchid' => getenv('MCHID'),
                'secret' => getenv('V2_KEY'),
                'timeout' => self::$timeout,
            ]);
        }
        return self::$client;
    }

    public function set($key, $value)
    {
        $this->values[$key] = $value;
        return $this;
    }

    public function get($key, $default = '')
    {
        return isset($this->values[$key]) ? $this->values[$key] : $default;
    }

    public function unifiedOrder($out_trade_no, $fee, $body)
    {
        if (!$out_trade_no) {
            throw new Exception('缺少统一支付接口必填参数out_trade_no！');
        } else if (!$body) {
            throw new Exception('缺少统一支付接口必填参数body！');
        } elseif ($fee <= 0) {
            throw new Exception('金额必须大于 0', 1001);
        }
        $this->set('body', $body)->set('out_trade_no', $out_trade_no)->set('total_fee', $fee);
        $this->set('nonce_str', Formatter::nonce())->set('trade_type', 'NATIVE');
        $start = microtime(true);
        try {
            $res = self::client()->chain(self::API)->post(['xml' => $this->values]);
            $arr = Transformer::toArray((string) $res->getBody());
        } catch (\Exception $e) {
            error_log('unifiedorder: ' . $e->getMessage());
            $arr = ['return_code' => 'FAIL', 'return_msg' => $e->getMessage()];
        } finally {
            $ms = intval((microtime(true) - $start) * 1000);
            error_log("cost {$ms}ms");
        }
        return $arr;
    }

    public function checkSign(array $data, $key)
    {
        if (!array_key_exists('sign', $data)) {
            return false;
        }
        $sign = $data['sign'];
        unset($data['sign']);
        ksort($data);
        $buff = '';
        foreach ($data as $k => $v) {
            if ($v !== '' && !is_array($v)) {
                $buff .= $k . '=' . $v . '&';
            }
        }
        $buff = rtrim($buff, '&') . '&key=' . $key;
        return strtoupper(md5($buff)) === $sign;
    }
}

function money($fen)
{
    return sprintf('%.2f', $fen / 100);
}

$api = new WxPayApi();
$api->set('appid', 'wx123')->set('mch_id', getenv('MCHID'));
$result = $api->unifiedOrder('no' . date('YmdHis') . rand(1000, 9999), 101, 'test');
if ($result['return_code'] == 'SUCCESS' && $result['result_code'] == 'SUCCESS') {
    echo 'pay ', money(101), ' by ', $result['code_url'], "\n";
} else {
    echo $result['return_msg'] . PHP_EOL;
    exit(1);
}
var_dump($api->checkSign(['a' => 1, 'b' => '', 'sign' => 'X'], 'k'));
