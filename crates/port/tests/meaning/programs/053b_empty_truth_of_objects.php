<?php
// Objects are true, and so is what is no number.
var_dump((bool) new stdClass(), (bool) NAN);
