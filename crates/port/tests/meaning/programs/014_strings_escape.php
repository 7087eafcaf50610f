<?php
// Escaping for other languages.
echo htmlspecialchars('<a href="x">Tom & \'Jerry\'</a>'), "\n";
echo addslashes("O'Reilly \"x\" \\"), "\n";
echo strip_tags('<p>Hello <b>world</b></p>'), "\n";
echo urlencode('a b&c=d/e?中+~'), "\n";
echo rawurlencode('a b&c=d/e?中+~'), "\n";
echo urldecode('a+b%26%E4%B8%AD'), ' ', rawurldecode('a+b%26'), "\n";
echo quotemeta('1+1=2?'), ' ', json_encode('a/b "c" 中'), "\n";
