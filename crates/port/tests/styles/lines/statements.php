<?php
// The lines on which statements and members of classes begin, by PHP's own tokens. What says nothing by itself is left out:
// imports, namespaces, `declare`, the `break` of a `switch`, and text outside of PHP.
$silent = [T_USE, T_NAMESPACE, T_DECLARE, T_BREAK, T_INLINE_HTML, T_CASE, T_DEFAULT];
$continued = [T_ELSE, T_ELSEIF, T_CATCH, T_FINALLY, T_OBJECT_OPERATOR, T_NULLSAFE_OBJECT_OPERATOR];
$open = [];
$expected = true;
$isMatch = $isCase = false;
foreach (PhpToken::tokenize(file_get_contents($argv[1])) as $token) {
    if ($token->is([T_WHITESPACE, T_COMMENT, T_DOC_COMMENT, T_OPEN_TAG, T_CLOSE_TAG])) {
        continue;
    }
    $text = $token->text;
    $isBlock = in_array(end($open), ['{', false], true);
    if ($expected && $isBlock && !in_array($text, ['}', ';', ')', ',', '{'], true) && !$token->is($continued)) {
        if (!$token->is($silent)) {
            echo $token->line, "\n";
        }
        $isCase = $token->is([T_CASE, T_DEFAULT]);
    }
    $expected = in_array($text, [';', '{', '}'], true) || ($text === ':' && $isCase);
    $isCase = $isCase && $text !== ':';
    $isMatch = $isMatch || $token->is(T_MATCH);
    if ($token->is(T_CURLY_OPEN) || $token->is(T_DOLLAR_OPEN_CURLY_BRACES)) {
        $open[] = 'text';
        $expected = false;
    } elseif ($text === '{') {
        $open[] = $isMatch ? 'match' : '{';
        $isMatch = false;
    } elseif (in_array($text, ['(', '[', '#['], true)) {
        $open[] = $text;
    } elseif (in_array($text, [')', ']', '}'], true) && array_pop($open) === '#[') {
        // An attribute is no statement, and what follows it begins one.
        $expected = true;
    }
}
