<?php
// How often each byte is there.
print_r(count_chars('abca', 1));
