<?php
// From texts to moments.
date_default_timezone_set('Asia/Shanghai');
echo strtotime('2024-03-09 16:04:05'), ' ', strtotime('2018-06-08T10:34:56+08:00'), ' ', strtotime('2018-06-08T10:34:56Z'), "\n";
echo date('Y-m-d', strtotime('+1 day', strtotime('2024-02-28'))), ' ', date('Y-m-d', strtotime('2024-03-31 -1 month')), ' ', date('Y-m-d', strtotime('2024-01-01 +7 days')), "\n";
var_dump(strtotime('nonsense'));
echo mktime(12, 0, 0, 1, 1, 2024), ' ', date('t', mktime(0, 0, 0, 2, 1, 2023)), "\n";
var_dump(checkdate(2, 29, 2024), checkdate(2, 30, 2024));
$expires = strtotime('2024-03-09 16:04:05') + 30 * 60;
echo date('Y-m-d\TH:i:sP', $expires), "\n";
