<?php
// DateTime that is made and asked in one go, as for time_expire.
date_default_timezone_set('Asia/Shanghai');
echo (new DateTime('2024-03-09 10:00:00'))->format('Y-m-d H:i:s'), "\n";
echo (new DateTimeImmutable('2024-01-31 23:59:59', new DateTimeZone('Asia/Shanghai')))->modify('+90 minutes')->format(DATE_RFC3339), "\n";
echo (new DateTime('2024-02-28'))->modify('+1 day')->modify('+2 hours')->format(DateTimeInterface::ATOM), ' ', (new DateTime('2024-03-09'))->getTimestamp(), "\n";
echo (new DateTime())->setTimestamp(1709971445)->setTimezone(new DateTimeZone('PRC'))->format('Y-m-d\TH:i:sP'), "\n";
$expire = (new DateTime('+30 minutes'))->format('c');
echo strlen($expire), ' ', substr($expire, -6), ' ', (new DateTime())->getTimestamp() >= time() - 2 ? 'now' : 'then', "\n";
$left = (new DateTime('2024-03-10'))->getTimestamp() - (new DateTime('2024-03-09'))->getTimestamp();
echo $left / 86400, "\n";
