<?php
// Types count.
var_dump(1 === 1.0, '1' === 1, null === false, 'a' === 'a', [] === [], 0 === -0, 0.0 === -0.0, '' === null);
var_dump(1 !== '1', 1 != '1', 1 <> 2);
$status = 'SUCCESS';
if ($status === 'SUCCESS' && $status !== 'FAIL') {
    echo "paid\n";
}
$amount = '100';
echo $amount === 100 ? 'same' : 'other', ' ', (int) $amount === 100 ? 'same' : 'other', "\n";
