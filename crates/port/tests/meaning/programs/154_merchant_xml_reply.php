<?php
// What a notification is answered with.
function reply(bool $ok, string $message = 'OK'): string
{
    $code = $ok ? 'SUCCESS' : 'FAIL';
    return <<<XML
        <xml>
          <return_code><![CDATA[{$code}]]></return_code>
          <return_msg><![CDATA[{$message}]]></return_msg>
        </xml>
        XML;
}

echo reply(true), "\n", reply(false, '签名错误'), "\n";
echo json_encode(['code' => 'FAIL', 'message' => '失败'], JSON_UNESCAPED_UNICODE), "\n";
