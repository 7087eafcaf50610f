<?php
// 金额大写。
function chinese(int $fen): string
{
    $digits = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
    $units = ['', '拾', '佰', '仟', '万', '拾', '佰', '仟', '亿'];
    $yuan = intdiv($fen, 100);
    $out = '';
    $zero = false;
    foreach (str_split((string) $yuan) as $i => $d) {
        $place = strlen((string) $yuan) - $i - 1;
        if ($d === '0') {
            $zero = true;
            if ($place === 4) {
                $out .= '万';
            }
            continue;
        }
        $out .= ($zero && $out !== '' ? '零' : '') . $digits[(int) $d] . $units[$place];
        $zero = false;
    }
    $jiao = intdiv($fen % 100, 10);
    $rest = $fen % 10;
    $out = $yuan > 0 ? $out . '元' : '';
    $out .= $jiao ? $digits[$jiao] . '角' : '';
    $out .= $rest ? $digits[$rest] . '分' : '';
    return $out . ($jiao || $rest ? '' : '整');
}

foreach ([100, 12345, 1000000, 10050, 5, 2000001] as $fen) {
    echo $fen, ' ', chinese($fen), "\n";
}
