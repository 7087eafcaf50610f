<?php
// And back.
$data = json_decode('{"a":{"b":[1,2,{"c":null}]},"n":1.0,"big":12345678901234567890,"e":"\u4e2d"}', true);
var_dump($data);
$object = json_decode('{"user":{"name":"Li","tags":["x"]}}');
echo $object->user->name, ' ', $object->user->tags[0], ' ', $object->missing ?? 'none', "\n";
var_dump(json_decode('not json'), json_decode('"text"'), json_decode('[]', true));
try {
    json_decode('{', true, 512, JSON_THROW_ON_ERROR);
} catch (JsonException $e) {
    echo $e->getMessage(), ' ', $e->getCode(), "\n";
}
