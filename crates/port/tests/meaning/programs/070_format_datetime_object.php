<?php
// DateTime and its immutable relative.
$zone = new DateTimeZone('Asia/Shanghai');
$start = new DateTimeImmutable('2024-03-09 10:00:00', $zone);
$end = $start->modify('+90 minutes');
echo $start->format('Y-m-d H:i'), ' ', $end->format(DateTimeInterface::ATOM), ' ', $end->getTimestamp() - $start->getTimestamp(), "\n";
$diff = (new DateTime('2024-01-01'))->diff(new DateTime('2024-03-09'));
echo $diff->days, ' ', $diff->m, ' ', $diff->format('%a days'), "\n";
echo DateTime::createFromFormat('YmdHis', '20240309160405', $zone)->format('c'), "\n";
