<?php
// APIv2 签名：排序、拼接、MD5。
function sign(array $params, string $key): string
{
    ksort($params);
    $pairs = [];
    foreach ($params as $name => $value) {
        if ($name === 'sign' || $value === '' || $value === null || is_array($value)) {
            continue;
        }
        $pairs[] = $name . '=' . $value;
    }
    return strtoupper(md5(implode('&', $pairs) . '&key=' . $key));
}

$params = ['appid' => 'wxd930ea5d5a258f4f', 'mch_id' => 10000100, 'device_info' => '1000', 'body' => 'test', 'nonce_str' => 'ibuaiVcKdpRxkhJA', 'empty' => '', 'null' => null, 'sign' => 'x'];
$sign = sign($params, '192006250b4c09247ec02edce69f6a2d');
echo $sign, "\n", $sign === '9A0A8659F005D6984697E2CA0A9CF3B7' ? 'as documented' : 'different', "\n";
$hmac = strtoupper(hash_hmac('sha256', 'appid=wx&key=k', 'k'));
echo substr($hmac, 0, 16), "\n";
