<?php
// Message, code, previous.
function pay(int $fen): string
{
    if ($fen <= 0) {
        throw new InvalidArgumentException("amount $fen is not positive", 422);
    }
    if ($fen > 1000) {
        throw new RuntimeException('too much');
    }
    return "paid $fen";
}

foreach ([5, -1, 5000] as $fen) {
    try {
        echo pay($fen), "\n";
    } catch (InvalidArgumentException $e) {
        echo get_class($e), ' ', $e->getMessage(), ' ', $e->getCode(), "\n";
    } catch (Exception $e) {
        echo $e::class, ' ', $e->getMessage(), ' ', $e->getCode(), "\n";
    }
}
