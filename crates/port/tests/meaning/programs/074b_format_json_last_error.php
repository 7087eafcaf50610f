<?php
// What was wrong, asked afterwards.
$data = json_decode('not json', true);
if (json_last_error() !== JSON_ERROR_NONE) {
    echo json_last_error(), ' ', json_last_error_msg(), "\n";
}
var_dump($data);
$data = json_decode('{"a": 1}', true);
if (json_last_error() === JSON_ERROR_NONE) {
    echo $data['a'], ' ', json_last_error_msg(), "\n";
}
