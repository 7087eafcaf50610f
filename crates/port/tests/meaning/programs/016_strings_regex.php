<?php
// Regular expressions as payment code has them.
var_dump(preg_match('/^1[3-9]\d{9}$/', '13800138000'), preg_match('/^\d+$/', '12a'));
if (preg_match('/^(\d{4})-(\d{2})-(\d{2})$/', '2024-03-09', $m)) {
    echo "$m[1]/$m[2]/$m[3] of $m[0]\n";
}
echo preg_replace('/(\d{3})\d{4}(\d{4})/', '$1****$2', '13800138000'), "\n";
echo preg_replace('/\s+/', ' ', "a  b\n\tc"), "\n";
print_r(preg_split('/[\s,]+/', 'a, b  c,d'));
echo preg_match_all('/[a-z]+/', 'ab 12 cd', $all), ' ', implode('|', $all[0]), "\n";
echo preg_replace_callback('/\d+/', fn ($m) => $m[0] * 2, 'a1 b22'), "\n";
