<?php

if (!defined('IN_SHOP')) {
    die('Hacking attempt');
}

class WxpayHelper
{
    private static $_instance = null;

    var $appid = 'wx8888888888888888';
    var $mchid = '1230000109';
    public $debug = false;
    protected $_client;
    protected $_token = array();
    private $_errors = array();

    private function __construct()
    {
        $this->_client = \WeChatPay\Builder::factory(array(
            'mchid' => $this->mchid,
            'serial' => 'nop',
            'privateKey' => 'any',
            'certs' => array('any' => null),
            'secret' => $GLOBALS['_CFG']['wxpay_key'],
            'merchant' => array(
                'cert' => ROOT_PATH . 'cert/apiclient_cert.pem',
                'key' => ROOT_PATH . 'cert/apiclient_key.pem',
            ),
        ));
    }

    private function __clone() {}

    public static function getInstance()
    {
        if (!(self::$_instance instanceof self)) {
            self::$_instance = new self();
        }
        return self::$_instance;
    }

    // 统一下单
    function unifiedOrder($order, $trade_type = 'JSAPI')
    {
        if (!is_array($order) || empty($order['order_sn'])) {
            $this->_errors[] = 'bad order';
            return false;
        }
        $data = array(
            'appid' => $this->appid,
            'mch_id' => $this->mchid,
            'body' => $order['goods_name'] ? $order['goods_name'] : '商品',
            'out_trade_no' => $order['order_sn'],
            'total_fee' => intval($order['order_amount'] * 100),
            'spbill_create_ip' => $_SERVER['REMOTE_ADDR'],
            'notify_url' => 'http://' . $_SERVER['HTTP_HOST'] . '/respond.php?code=wxpay',
            'trade_type' => $trade_type,
        );
        if ($trade_type == 'JSAPI') {
            $data['openid'] = $order['openid'];
        } else if ($trade_type == 'NATIVE') {
            $data['product_id'] = $order['goods_id'];
        }

        $result = $this->_client->v2->pay->unifiedorder->post(array('xml' => $data));
        $result = \WeChatPay\Transformer::toArray((string)$result->getBody());
        if ($this->debug) {
            echo '<pre>'; print_r($result); echo '</pre>';
        }
        if ($result['return_code'] != 'SUCCESS' or $result['result_code'] != 'SUCCESS') {
            $this->_errors[] = $result['return_msg'] . @$result['err_code_des'];
            return false;
        }
        return $result['prepay_id'];
    }

    // 获取 access_token，与支付无关
    function getToken()
    {
        if ($this->_token && $this->_token['expire'] > time()) {
            return $this->_token['access_token'];
        }
        $ch = curl_init();
        curl_setopt($ch, CURLOPT_URL, "https://api.weixin.qq.com/cgi-bin/token?grant_type=client_credential&appid={$this->appid}&secret=" . APP_SECRET);
        curl_setopt($ch, CURLOPT_RETURNTRANSFER, 1);
        curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, false);
        $res = curl_exec($ch);
        if (curl_errno($ch)) {
            die('curl error: ' . curl_error($ch));
        }
        curl_close($ch);
        $this->_token = json_decode($res, true);
        $this->_token['expire'] = time() + 7000;
        return $this->_token['access_token'];
    }

    function getJsApiParams($prepay_id)
    {
        $params = array(
            'appId' => $this->appid,
            'timeStamp' => (string)time(),
            'nonceStr' => md5(uniqid(rand(), true)),
            'package' => 'prepay_id=' . $prepay_id,
            'signType' => 'MD5',
        );
        $params['paySign'] = \WeChatPay\Crypto\Hash::sign('MD5', \WeChatPay\Formatter::queryStringLike(\WeChatPay\Formatter::ksort($params)), $GLOBALS['_CFG']['wxpay_key']);
        return json_encode($params);
    }

    function getError()
    {
        return end($this->_errors);
    }

    function __destruct()
    {
        if ($this->debug && $this->_errors) {
            file_put_contents(ROOT_PATH . 'log/wxpay.' . date('Ymd') . '.php', "<?php exit; ?>\n" . var_export($this->_errors, true), FILE_APPEND);
        }
    }
}
