<?php
// Headers of a request as lines and back.
$headers = ['Accept' => 'application/json', 'Content-Type' => 'application/json; charset=utf-8', 'X-List' => ['a', 'b']];
$lines = [];
foreach ($headers as $name => $value) {
    $lines[] = $name . ': ' . (is_array($value) ? implode(', ', $value) : $value);
}
$text = implode("\r\n", $lines) . "\r\n\r\n";
echo strlen($text), ' ', substr_count($text, "\r\n"), "\n";
$parsed = [];
foreach (explode("\r\n", trim($text)) as $line) {
    [$name, $value] = explode(':', $line, 2);
    $parsed[strtolower($name)] = trim($value);
}
print_r($parsed);
$authorization = 'WECHATPAY2-SHA256-RSA2048 mchid="19",nonce_str="abc",timestamp="1709971445"';
[$scheme, $parameters] = explode(' ', $authorization, 2);
$fields = [];
foreach (explode(',', $parameters) as $parameter) {
    [$name, $value] = explode('=', $parameter, 2);
    $fields[$name] = trim($value, '"');
}
echo $scheme, ' ', json_encode($fields), "\n";
