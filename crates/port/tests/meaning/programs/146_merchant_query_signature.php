<?php
// ksort, http_build_query, md5.
$params = ['timestamp' => 1709971445, 'mch_id' => '1900000109', 'body' => '测试 商品', 'attach' => ['a' => 1], 'flag' => true];
$secret = 'top-secret';
ksort($params);
$query = http_build_query($params);
$sign = md5($query . $secret);
echo $query, "\n", $sign, "\n";
$url = 'https://pay.example/gateway?' . $query . '&sign=' . $sign;
parse_str(parse_url($url, PHP_URL_QUERY), $received);
$claimed = $received['sign'];
unset($received['sign']);
ksort($received);
echo hash_equals(md5(http_build_query($received) . $secret), $claimed) ? 'verified' : 'forged', ' ', $received['body'], ' ', gettype($received['timestamp']), "\n";
