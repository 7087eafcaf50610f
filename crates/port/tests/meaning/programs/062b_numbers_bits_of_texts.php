<?php
// Bits of texts, byte by byte.
var_dump('a' ^ 'B', 'ab' | ' ');
