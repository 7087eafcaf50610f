<?php
// Capitals.
echo ucfirst('hello world'), '|', ucwords('hello world-wide web'), '|', lcfirst('ABC'), "\n";
echo ucwords('out_trade_no', '_'), '|', strtolower('ÀB'), '|', strtoupper('straße'), "\n";
echo str_replace(' ', '', ucwords(str_replace('_', ' ', 'out_trade_no'))), "\n";
echo lcfirst(str_replace('-', '', ucwords('bank-multi-activity', '-'))), "\n";
echo ucfirst('中文'), ucfirst(''), "|\n";
