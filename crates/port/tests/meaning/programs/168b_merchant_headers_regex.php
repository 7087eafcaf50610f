<?php
// The fields of a header, by a regular expression.
$authorization = 'WECHATPAY2-SHA256-RSA2048 mchid="19",nonce_str="abc",timestamp="1709971445"';
preg_match_all('/(\w+)="([^"]*)"/', $authorization, $m);
echo json_encode(array_combine($m[1], $m[2])), ' ', strtok($authorization, ' '), "\n";
