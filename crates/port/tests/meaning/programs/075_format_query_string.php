<?php
// Query strings both ways.
$params = ['mchid' => '1900000109', 'desc' => '茶 & 杯', 'n' => 1.5, 'yes' => true, 'no' => false, 'null' => null, 'list' => ['a', 'b'], 'map' => ['k' => 'v']];
echo http_build_query($params), "\n";
echo http_build_query(['a' => 'x y', 'b' => '~'], '', '&', PHP_QUERY_RFC3986), ' ', urldecode(http_build_query(['z' => '中', 'a' => 1])), "\n";
parse_str('a=1&b[]=2&b[]=3&c[k]=v&d=x+y', $out);
print_r($out);
$parts = parse_url('https://api.mch.weixin.qq.com:443/v3/pay?mchid=19&x=1#top');
echo $parts['host'], ' ', $parts['port'], ' ', $parts['path'], ' ', $parts['query'], ' ', $parts['scheme'], ' ', $parts['fragment'] ?? '', "\n";
echo parse_url('https://example.com/a/b', PHP_URL_PATH), ' ', basename('/a/b.pem'), ' ', basename('/a/b.pem', '.pem'), ' ', dirname('/a/b.pem'), ' ', pathinfo('x/y.tar.gz', PATHINFO_EXTENSION), "\n";
