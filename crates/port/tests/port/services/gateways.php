<?php
namespace Shop\Pay;

use WeChatPay\BuilderChainable;
use WeChatPay\Crypto\Rsa;
use WeChatPay\Crypto\AesGcm;
use GuzzleHttp\Promise\Utils;
use Psr\Http\Message\ResponseInterface;

abstract class Gateway
{
    protected BuilderChainable $api;
    protected string $mchid;

    public function __construct(BuilderChainable $api, string $mchid)
    {
        $this->api = $api;
        $this->mchid = $mchid;
    }

    abstract public function create(array $order): array;

    protected function json(ResponseInterface $response): array
    {
        return json_decode((string) $response->getBody(), true, 512, JSON_THROW_ON_ERROR);
    }

    protected static function cents(float $yuan): int
    {
        return (int) round($yuan * 100);
    }
}

final class H5Gateway extends Gateway
{
    private const SCENES = ['Wap' => 1, 'iOS' => 2, 'Android' => 3];

    public function create(array $order): array
    {
        $scene = $order['scene'] ?? 'Wap';
        if (!array_key_exists($scene, self::SCENES)) {
            throw new \InvalidArgumentException("unknown scene {$scene}");
        }
        $response = $this->api->v3->pay->transactions->h5->post(['json' => [
            'mchid' => $this->mchid,
            'appid' => $order['appid'],
            'description' => $order['title'],
            'out_trade_no' => $order['no'],
            'notify_url' => $order['notify'],
            'amount' => ['total' => self::cents($order['yuan'])],
            'scene_info' => [
                'payer_client_ip' => $order['ip'] ?? '127.0.0.1',
                'h5_info' => ['type' => $scene],
            ],
        ]]);

        return ['url' => $this->json($response)['h5_url'] . '&redirect_url=' . urlencode($order['back'])];
    }

    /** 并发查询多个订单 */
    public function queryAll(array $numbers): array
    {
        $promises = [];
        foreach ($numbers as $no) {
            $promises[$no] = $this->api->v3->pay->transactions->outTradeNo->_out_trade_no_->getAsync([
                'out_trade_no' => $no,
                'query' => ['mchid' => $this->mchid],
            ])->then(fn (ResponseInterface $r) => $this->json($r)['trade_state']);
        }

        return Utils::unwrap($promises);
    }

    public function closeExpired(array $orders, int $now): int
    {
        $closed = 0;
        foreach (array_filter($orders, fn (array $o) => $o['expires'] < $now && $o['state'] === 'NOTPAY') as $order) {
            $response = $this->api->chain('v3/pay/transactions/out-trade-no/{out_trade_no}/close')->post([
                'out_trade_no' => $order['no'],
                'json' => ['mchid' => $this->mchid],
            ]);
            $closed += $response->getStatusCode() === 204 ? 1 : 0;
        }

        return $closed;
    }
}

class ProfitSharing extends Gateway
{
    private array $receivers = [];
    private ?string $serial = null;

    public function add(string $type, string $account, int $amount, string $description, ?string $name = null): void
    {
        $receiver = compact('type', 'account', 'amount', 'description');
        if ($name !== null) {
            $receiver['name'] = $name;
        }
        $this->receivers[] = $receiver;
    }

    public function create(array $order): array
    {
        $sum = array_sum(array_column($this->receivers, 'amount'));
        if ($sum > $order['max']) {
            throw new \OverflowException(sprintf('%d is more than %d', $sum, $order['max']));
        }
        usort($this->receivers, fn ($a, $b) => $b['amount'] <=> $a['amount']);
        $headers = $this->serial ? ['Wechatpay-Serial' => $this->serial] : [];
        $response = $this->api->v3->profitsharing->orders->post([
            'json' => [
                'appid' => $order['appid'],
                'transaction_id' => $order['transaction_id'],
                'out_order_no' => 'PS' . date('YmdHis') . mt_rand(1000, 9999),
                'receivers' => $this->receivers,
                'unfreeze_unsplit' => true,
            ],
            'headers' => $headers,
        ]);
        $result = $this->json($response);
        foreach ($result['receivers'] as &$receiver) {
            $receiver['yuan'] = number_format($receiver['amount'] / 100, 2);
        }
        unset($receiver);

        return $result;
    }
}
