<?php

declare(strict_types=1);

// A number where a text is wanted.
try {
    echo strlen(5);
} catch (TypeError $e) {
    echo $e->getMessage(), "\n";
}
