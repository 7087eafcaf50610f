<?php

namespace App\Services;

use App\Models\Order;
use GuzzleHttp\Exception\RequestException;
use Illuminate\Support\Facades\Log;
use WeChatPay\Builder;
use WeChatPay\BuilderChainable;
use WeChatPay\Crypto\AesGcm;
use WeChatPay\Crypto\Rsa;
use WeChatPay\Formatter;

/**
 * 微信支付服务
 */
class WechatPayService
{
    /** @var BuilderChainable */
    protected $instance;

    /** @var array */
    protected $config;

    /** @var \OpenSSLAsymmetricKey */
    protected $merchantPrivateKey;

    public function __construct(array $config)
    {
        $this->config = $config;
        $this->merchantPrivateKey = Rsa::from('file://' . $config['private_key_path'], Rsa::KEY_TYPE_PRIVATE);
        $platformPublicKey = Rsa::from('file://' . $config['public_key_path'], Rsa::KEY_TYPE_PUBLIC);

        $this->instance = Builder::factory([
            'mchid'      => $config['mch_id'],
            'serial'     => $config['serial_no'],
            'privateKey' => $this->merchantPrivateKey,
            'certs'      => [
                $config['public_key_id'] => $platformPublicKey,
            ],
        ]);
    }

    /**
     * JSAPI 下单
     *
     * @param string $orderNo 商户订单号
     * @param int $amount 金额，单位分
     * @param string $openid
     * @return array
     * @throws \Exception
     */
    public function jsapi($orderNo, $amount, $openid, $description = '商品', $attach = null)
    {
        $params = [
            'appid' => $this->config['app_id'],
            'mchid' => $this->config['mch_id'],
            'description' => mb_substr($description, 0, 40),
            'out_trade_no' => $orderNo,
            'notify_url' => $this->config['notify_url'],
            'time_expire' => date('c', time() + 1800),
            'amount' => [
                'total' => (int) $amount,
                'currency' => 'CNY',
            ],
            'payer' => ['openid' => $openid],
        ];
        if (!empty($attach)) {
            $params['attach'] = is_array($attach) ? json_encode($attach) : $attach;
        }

        try {
            $resp = $this->instance->v3->pay->transactions->jsapi->post(['json' => $params]);
        } catch (RequestException $e) {
            $body = $e->hasResponse() ? (string) $e->getResponse()->getBody() : '';
            throw new \RuntimeException('下单失败：' . $body, 500, $e);
        }

        $result = json_decode($resp->getBody()->getContents(), true);
        if (empty($result['prepay_id'])) {
            throw new \RuntimeException('no prepay_id');
        }

        return $this->bridgeConfig($result['prepay_id']);
    }

    protected function bridgeConfig($prepayId)
    {
        $params = [
            'appId'     => $this->config['app_id'],
            'timeStamp' => (string) Formatter::timestamp(),
            'nonceStr'  => Formatter::nonce(),
            'package'   => 'prepay_id=' . $prepayId,
        ];
        $params += ['paySign' => Rsa::sign(
            Formatter::joinedByLineFeed(...array_values($params)),
            $this->merchantPrivateKey
        ), 'signType' => 'RSA'];

        return $params;
    }

    public function query($orderNo): ?array
    {
        try {
            $resp = $this->instance
                ->chain('v3/pay/transactions/out-trade-no/{out_trade_no}')
                ->get([
                    'query' => ['mchid' => $this->config['mch_id']],
                    'out_trade_no' => $orderNo,
                ]);
            return json_decode((string) $resp->getBody(), true);
        } catch (RequestException $e) {
            if ($e->hasResponse() && $e->getResponse()->getStatusCode() == 404) {
                return null;
            }
            throw $e;
        }
    }

    public function refund(string $orderNo, string $refundNo, int $total, int $refund, string $reason = ''): array
    {
        $json = [
            'out_trade_no' => $orderNo,
            'out_refund_no' => $refundNo,
            'amount' => ['refund' => $refund, 'total' => $total, 'currency' => 'CNY'],
        ];
        if ($reason !== '') {
            $json['reason'] = $reason;
        }
        $promise = $this->instance->v3->refund->domestic->refunds->postAsync(['json' => $json])
            ->then(static function ($response) {
                return json_decode((string) $response->getBody(), true);
            })
            ->otherwise(function ($e) use ($orderNo) {
                if ($e instanceof RequestException && $e->hasResponse()) {
                    return ['code' => 'ERROR', 'message' => (string) $e->getResponse()->getBody(), 'order' => $orderNo];
                }
                throw $e;
            });

        return $promise->wait();
    }

    /**
     * @param array<string,string> $headers
     */
    public function notify(array $headers, string $inBody)
    {
        $inWechatpaySignature = $headers['wechatpay-signature'] ?? '';
        $inWechatpayTimestamp = $headers['wechatpay-timestamp'] ?? '';
        $inWechatpayNonce = $headers['wechatpay-nonce'] ?? '';

        $platformPublicKeyInstance = Rsa::from('file://' . $this->config['public_key_path'], Rsa::KEY_TYPE_PUBLIC);

        // 检查通知时间偏移量，允许5分钟之内的偏移
        $timeOffsetStatus = 300 >= abs(Formatter::timestamp() - (int) $inWechatpayTimestamp);
        $verifiedStatus = Rsa::verify(
            // 构造验签名串
            Formatter::joinedByLineFeed($inWechatpayTimestamp, $inWechatpayNonce, $inBody),
            $inWechatpaySignature,
            $platformPublicKeyInstance
        );
        if ($timeOffsetStatus && $verifiedStatus) {
            // 转换通知的JSON文本消息为PHP Array数组
            $inBodyArray = (array) json_decode($inBody, true);
            // 使用PHP7的数据解构语法，从Array中解构并赋值变量
            ['resource' => [
                'ciphertext'      => $ciphertext,
                'nonce'           => $nonce,
                'associated_data' => $aad,
            ]] = $inBodyArray;
            // 加密文本消息解密
            $inBodyResource = AesGcm::decrypt($ciphertext, $this->config['api_v3_key'], $nonce, $aad);
            // 把解密后的文本转换为PHP Array数组
            $inBodyResourceArray = (array) json_decode($inBodyResource, true);

            return $inBodyResourceArray;
        }

        return false;
    }
}
