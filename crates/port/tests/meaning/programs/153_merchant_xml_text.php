<?php
// APIv2 的 XML，手工拼接。
function toXml(array $data): string
{
    $xml = '<xml>';
    foreach ($data as $key => $value) {
        $xml .= is_numeric($value) ? "<$key>$value</$key>" : "<$key><![CDATA[$value]]></$key>";
    }
    return $xml . '</xml>';
}

function fromXml(string $xml): array
{
    $out = [];
    if (preg_match_all('/<(\w+)>(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))<\/\1>/', $xml, $matches, PREG_SET_ORDER)) {
        foreach ($matches as $m) {
            $out[$m[1]] = $m[3] ?? $m[2];
        }
    }
    return $out;
}

$xml = toXml(['return_code' => 'SUCCESS', 'total_fee' => 100, 'body' => '茶 & 杯']);
echo $xml, "\n", json_encode(fromXml($xml), JSON_UNESCAPED_UNICODE), "\n";
