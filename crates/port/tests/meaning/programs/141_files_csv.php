<?php
// CSV in memory.
$out = fopen('php://memory', 'w+');
fputcsv($out, ['no', 'name', 'note']);
fputcsv($out, ['1', 'tea, green', 'say "hi"']);
rewind($out);
echo stream_get_contents($out);
rewind($out);
while (($row = fgetcsv($out)) !== false) {
    echo count($row), ' ', $row[1], "\n";
}
fclose($out);
print_r(str_getcsv('a,"b ""q"" c",,d'));
