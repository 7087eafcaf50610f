<?php
// Heredoc takes the indentation of its end away; nowdoc leaves variables alone.
$title = '订单';
$rows = ['id' => 7];
$text = <<<TEXT
    Title: {$title}
      id: {$rows['id']}
    Cost: \$1\tend
    TEXT;
echo $text, "\n";
$raw = <<<'RAW'
    $title is not read here \n
      indented
    RAW;
echo $raw . "\n";
echo <<<EOT
plain "quotes" and 'quotes'
EOT . "!\n";
