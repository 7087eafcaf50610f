<?php
// Names in variables.
$name = 'greeting';
$$name = 'hello';
echo $greeting, ' ', ${'greet' . 'ing'}, "\n";
class Point
{
    public int $x = 1;
    public int $y = 2;

    public function sum(): int
    {
        return $this->x + $this->y;
    }
}
$class = 'Point';
$method = 'sum';
$property = 'y';
$point = new $class();
echo $point->$method(), $point->$property, ' ', method_exists($point, 'sum') ? 'has' : '', ' ', json_encode(get_object_vars($point)), "\n";
