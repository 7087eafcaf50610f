<?php
// For a PHP without the extension mbstring: what the programs use of it, for UTF-8.
if (!function_exists('mb_strlen')) {
    function mb_strlen(string $string): int
    {
        return iconv_strlen($string, 'UTF-8');
    }

    function mb_substr(string $string, int $start, ?int $length = null): string
    {
        return implode('', array_slice(mb_str_split($string), $start, $length));
    }

    function mb_strpos(string $haystack, string $needle, int $offset = 0): int|false
    {
        return iconv_strpos($haystack, $needle, $offset, 'UTF-8');
    }

    function mb_str_split(string $string, int $length = 1): array
    {
        $characters = preg_split('//u', $string, -1, PREG_SPLIT_NO_EMPTY);
        return array_map('implode', array_chunk($characters, $length));
    }
}
