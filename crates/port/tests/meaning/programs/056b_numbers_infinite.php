<?php
// What is infinite or no number.
var_dump(INF, -INF, NAN);
echo INF, ' ', NAN, "\n";
var_dump(is_nan(NAN), is_infinite(INF), is_finite(1.0));
