<?php
// A fixed moment in Shanghai.
date_default_timezone_set('Asia/Shanghai');
$t = 1709971445;
echo date('Y-m-d H:i:s', $t), "\n";
echo date('D, d M Y', $t), ' | ', date('l jS \o\f F Y h:i:s A', $t), ' | ', date('N w z t L n y a g G', $t), "\n";
echo date('c', $t), ' ', date('YmdHis', $t), ' ', date(DATE_ATOM, $t), ' ', date('U e T P O', $t), "\n";
echo date('Y-m-d\TH:i:sP', $t + 1800), ' ', date('Y年n月j日', $t), "\n";
echo gmdate('Y-m-d H:i:s', $t), ' ', date('Y-m-d', 0), ' ', date('H:i', -1), "\n";
