<?php
// Settings from several places.
$defaults = [
    'base_uri' => 'https://api.mch.weixin.qq.com/',
    'timeout' => 30,
    'headers' => ['Accept' => 'application/json'],
    'retry' => ['times' => 3, 'delay' => 100],
];
$file = ['timeout' => 10, 'headers' => ['User-Agent' => 'shop/1.0'], 'retry' => ['times' => 5]];
$environment = array_filter(['timeout' => '', 'proxy' => 'http://proxy:8080', 'debug' => null]);
$config = array_replace_recursive($defaults, $file, $environment);
echo json_encode($config, JSON_UNESCAPED_SLASHES | JSON_PRETTY_PRINT), "\n";

function config(array $config, string $path, $default = null)
{
    foreach (explode('.', $path) as $part) {
        if (!is_array($config) || !array_key_exists($part, $config)) {
            return $default;
        }
        $config = $config[$part];
    }
    return $config;
}

echo config($config, 'retry.times'), ' ', config($config, 'retry.none', 'default'), ' ', config($config, 'headers.Accept'), "\n";
