<?php
// Which PHP it is.
echo PHP_VERSION_ID >= 80000 ? 'eight' : '', ' ', version_compare(PHP_VERSION, '8.0.0', '>=') ? 'or later' : '', "\n";
