<?php
// Positions, paddings, values of other types.
printf("[%2\$s %1\$s] [%1\$s]\n", 'a', 'b');
printf("[%'010d] [%.3s] [%d] [%d] [%d]\n", 42, 'abcdef', '12abc', 3.99, true);
printf("[%s] [%s] [%s] [%s]\n", true, false, null, 1.0);
printf("[%5d] [%-5d] [%05.1f] [%5s] [%-5s|\n", 42, 42, 9.96, 'ab', 'ab');
echo sprintf('%04d-%02d-%02d', 2024, 3, 9), ' ', sprintf('%08.3f', 3.14159), ' ', sprintf('%.2f', 1.005), ' ', sprintf('%.0f', 0.5), ' ', sprintf('%.1f', 0.25), "\n";
echo vsprintf('%s is %d years and %.1f%%', ['Li', 30, 99.5]), "\n";
