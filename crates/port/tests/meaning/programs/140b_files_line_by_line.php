<?php
// A file that is read line by line.
$path = sys_get_temp_dir() . '/meaning-' . getmypid() . '-' . bin2hex(random_bytes(4)) . '.txt';
file_put_contents($path, "line 1\nline 2\n");
$handle = fopen($path, 'r');
while (($line = fgets($handle)) !== false) {
    echo trim($line), ';';
}
fclose($handle);
unlink($path);
