<?php
// Digests and encodings.
echo md5('abc'), ' ', sha1('abc'), "\n", hash('sha256', '微信'), "\n", hash_hmac('sha256', 'data', 'key'), "\n";
echo strtoupper(md5('a=1&key=k')), ' ', crc32('abc'), ' ', hash('crc32b', 'abc'), "\n";
echo base64_encode('微信支付'), ' ', base64_decode('5b6u5L+h'), ' ', bin2hex('az'), ' ', hex2bin('617a'), "\n";
echo md5('240610708') == md5('QNKCDZO') ? 'loosely equal' : 'different', ' ', md5('240610708') === md5('QNKCDZO') ? 'same' : 'different', "\n";
echo substr(md5('x'), 8, 16), ' ', rtrim(strtr(base64_encode('?>?>'), '+/', '-_'), '='), "\n";
echo base64_encode(hash_hmac('sha1', 'a', 'b', true)), "\n";
