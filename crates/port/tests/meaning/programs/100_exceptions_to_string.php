<?php
// Throwables have texts.
try {
    throw new ErrorException('wrong', 3, E_WARNING, 'file.php', 12);
} catch (Throwable $t) {
    echo $t->getMessage(), ' ', $t->getCode(), ' ', $t->getLine(), ' ', $t->getFile(), "\n";
}
set_error_handler(function (int $level, string $message): bool {
    throw new ErrorException($message, 0, $level);
});
try {
    $a = [];
    echo $a['missing'];
} catch (ErrorException $e) {
    echo 'caught: ', $e->getMessage(), "\n";
}
restore_error_handler();
