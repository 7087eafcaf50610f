<?php
// Reads sources as JSON and prints, for each, whether it is PHP, and its comments with their places.

foreach (json_decode(stream_get_contents(STDIN), true) as $source) {
    try {
        $tokens = PhpToken::tokenize($source, TOKEN_PARSE);
        $error = null;
    } catch (ParseError $e) {
        $tokens = [];
        $error = "{$e->getLine()}: {$e->getMessage()}";
    }
    $comments = [];
    foreach ($tokens as $token) {
        if ($token->is([T_COMMENT, T_DOC_COMMENT])) {
            $comments[] = [$token->pos, $token->text];
        }
    }
    echo json_encode(['error' => $error, 'comments' => $comments], JSON_UNESCAPED_UNICODE), "\n";
}
