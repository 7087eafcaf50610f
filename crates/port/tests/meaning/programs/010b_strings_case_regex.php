<?php
// camelCase to snake_case.
echo strtolower(preg_replace('/([A-Z])/', '_$1', 'outTradeNo')), "\n";
