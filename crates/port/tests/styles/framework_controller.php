<?php

declare(strict_types=1);

namespace App\Http\Controllers\Api;

use App\Events\OrderPaid;
use App\Http\Controllers\Controller;
use App\Models\Order;
use GuzzleHttp\Exception\ClientException;
use Illuminate\Http\JsonResponse;
use Illuminate\Http\Request;
use Illuminate\Support\Facades\Cache;
use Illuminate\Support\Facades\DB;
use Illuminate\Support\Facades\Log;
use OpenApi\Attributes as OA;
use WeChatPay\BuilderChainable;
use WeChatPay\Crypto\AesGcm;
use WeChatPay\Crypto\Rsa;
use WeChatPay\Formatter;

/**
 * Orders of the mini program.
 */
#[OA\Tag(name: 'payment')]
final class PaymentController extends Controller
{
    private const LOCK_SECONDS = 10;

    public function __construct(
        private readonly BuilderChainable $wechatpay,
        private readonly string $appId,
        private readonly string $mchId,
    ) {
        // Everybody but WeChat Pay has to be logged in.
        $this->middleware('auth:sanctum')->except('notify');
    }

    #[OA\Post(path: '/orders/{order}/prepay')]
    public function prepay(Request $request, Order $order): JsonResponse
    {
        $data = $request->validate([
            'openid' => ['required', 'string', 'size:28'],
            'coupon' => ['nullable', 'string'],
        ]);

        abort_unless($order->user_id === $request->user()->id, 404);

        $lock = Cache::lock("prepay:{$order->id}", self::LOCK_SECONDS);
        if (!$lock->get()) {
            return response()->json(['message' => '操作过于频繁'], 429);
        }

        try {
            $response = $this->wechatpay->v3->pay->transactions->jsapi->post(['json' => [
                'appid' => $this->appId,
                'mchid' => $this->mchId,
                'description' => mb_substr($order->title, 0, 40),
                'out_trade_no' => $order->number,
                'notify_url' => route('payment.notify'),
                'amount' => ['total' => $order->payable($data['coupon'] ?? null), 'currency' => 'CNY'],
                'payer' => ['openid' => $data['openid']],
            ]]);
            $prepayId = json_decode((string) $response->getBody(), true)['prepay_id'];
        } catch (ClientException $e) {
            $error = json_decode((string) $e->getResponse()->getBody(), true);
            Log::warning('prepay refused', ['order' => $order->number, 'code' => $error['code'] ?? null]);

            return response()->json(['message' => $error['message'] ?? '支付失败'], 422);
        } finally {
            $lock->release();
        }

        $params = [
            'appId' => $this->appId,
            'timeStamp' => (string) Formatter::timestamp(),
            'nonceStr' => Formatter::nonce(),
            'package' => 'prepay_id=' . $prepayId,
        ];
        $params['paySign'] = Rsa::sign(
            Formatter::joinedByLineFeed(...array_values($params)),
            Rsa::from('file://' . config('wechatpay.private_key'))
        );

        return response()->json($params + ['signType' => 'RSA']);
    }

    public function notify(Request $request): JsonResponse
    {
        $body = $request->getContent();
        $isRight = Rsa::verify(
            Formatter::joinedByLineFeed($request->header('Wechatpay-Timestamp'), $request->header('Wechatpay-Nonce'), $body),
            $request->header('Wechatpay-Signature'),
            Rsa::from('file://' . config('wechatpay.public_key'), Rsa::KEY_TYPE_PUBLIC)
        );
        if (!$isRight) {
            return response()->json(['code' => 'FAIL', 'message' => '验签失败'], 401);
        }

        ['resource' => $resource] = json_decode($body, true);
        $payment = json_decode(AesGcm::decrypt(
            $resource['ciphertext'],
            config('wechatpay.api_v3_key'),
            $resource['nonce'],
            $resource['associated_data']
        ));

        DB::transaction(function () use ($payment) {
            $order = Order::where('number', $payment->out_trade_no)->lockForUpdate()->firstOrFail();
            if ($order->paid_at) {
                return;
            }
            $order->update(['paid_at' => now(), 'transaction_id' => $payment->transaction_id]);
            event(new OrderPaid($order));
        });

        return response()->json(status: 204);
    }
}
