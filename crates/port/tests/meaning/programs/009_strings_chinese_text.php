<?php
// What merchants do with Chinese text.
$subject = '商品：红茶，绿茶，白茶';
[$label, $list] = explode('：', $subject);
$teas = explode('，', $list);
echo $label, ' ', count($teas), ' ', implode('、', $teas), "\n";
echo str_replace('茶', '酒', $list), "\n";
echo str_replace(['红', '绿'], ['黑', '黄'], $list), "\n";
echo str_pad('茶', 6, '*'), '|', str_pad('茶', 6, '*', STR_PAD_LEFT), "|\n";
echo str_repeat('＝', 5), "\n";
echo trim('　全角空格不去　'), '|', trim("  \t半角去\n"), "|\n";
printf("%s|%10s|%-10s|\n", '茶', '茶', '茶');
$long = '这是一个非常长的商品描述需要截断';
echo mb_strlen($long) > 10 ? mb_substr($long, 0, 10) . '…' : $long, "\n";
