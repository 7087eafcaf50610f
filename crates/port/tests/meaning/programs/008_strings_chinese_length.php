<?php
// Bytes against characters.
$s = '微信支付';
echo strlen($s), ' ', mb_strlen($s), "\n";
echo mb_substr($s, 0, 2), ' ', mb_substr($s, -1), ' ', mb_substr($s, 1, 2), ' ', mb_substr($s, 2), "\n";
echo mb_strpos($s, '支'), ' ', strpos($s, '支'), "\n";
echo strlen(substr($s, 0, 3)), ' ', substr($s, 0, 6), "\n";
foreach (mb_str_split('中a文') as $i => $char) {
    echo $i, '=', $char, ';';
}
echo "\n", strtoupper('abc微é'), ' ', mb_strlen(''), ' ', mb_substr('中', 5), '|', mb_substr($s, -3, 2), "\n";
echo bin2hex('中'), ' ', ord('中'), ' ', ord('A'), ' ', chr(66), "\n";
