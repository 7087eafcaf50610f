<?php
// The body of a notification, taken apart.
$body = '{"id":"EV-1","event_type":"TRANSACTION.SUCCESS","resource":{"algorithm":"AEAD_AES_256_GCM","ciphertext":"abc","nonce":"n","associated_data":""},"create_time":"2015-05-20T13:29:35+08:00"}';
$event = json_decode($body, true);
['event_type' => $type, 'resource' => ['algorithm' => $algorithm, 'nonce' => $nonce]] = $event;
echo "$type $algorithm $nonce ", $event['resource']['associated_data'] === '' ? 'no data' : 'data', ' ', $event['summary'] ?? 'no summary', "\n";
[$subject, $verb] = explode('.', strtolower($type));
echo ucfirst($subject) . ' is ' . ($verb === 'success' ? 'done' : 'open'), "\n";
$headers = ['Wechatpay-Serial' => 'ABC', 'wechatpay-timestamp' => '1709971445', 'WECHATPAY-NONCE' => 'xyz'];
$headers = array_change_key_case($headers, CASE_LOWER);
ksort($headers);
$message = implode("\n", [$headers['wechatpay-timestamp'], $headers['wechatpay-nonce'], $body]) . "\n";
echo sha1($message), ' ', implode(',', array_keys($headers)), ' ', abs(1709971445 - (int) $headers['wechatpay-timestamp']) <= 300 ? 'fresh' : 'old', "\n";
