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

echo toXml(['return_code' => 'SUCCESS', 'total_fee' => 100, 'body' => '茶 & 杯', 'rate' => '0.06', 'attach' => '']), "\n";
