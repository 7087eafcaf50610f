<?php
// A file in the temporary folder.
$path = sys_get_temp_dir() . '/meaning-' . getmypid() . '-' . bin2hex(random_bytes(4)) . '.txt';
var_dump(file_exists($path));
echo file_put_contents($path, "line 1\nline 2\n"), ' ';
file_put_contents($path, "line 3\n", FILE_APPEND | LOCK_EX);
echo filesize($path), ' ', strlen(file_get_contents($path)), "\n";
print_r(file($path, FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES));
if (!is_dir($path) && !@mkdir($path) && @file_put_contents($path . '/none', 'x') === false) {
    echo "no folder\n";
}
echo @unlink($path) ? 'gone' : 'still there', ' ', @unlink($path) ? 'again' : 'not again', "\n";
var_dump(is_file($path), @file_get_contents($path), is_dir(sys_get_temp_dir()));
