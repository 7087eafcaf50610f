<?php
// Objects are handles: copies share, clones do not.
class Box
{
    public $value;
    public ?Box $inner = null;
    public array $list = [];

    public function __construct($value)
    {
        $this->value = $value;
    }
}

function change(Box $box): void
{
    $box->value = 'changed';
    $box = new Box('other');
    $box->value = 'lost';
}

$a = new Box(1);
$b = $a;
$b->value = 2;
echo $a->value, ' ';
change($a);
echo $b->value, "\n";
$a->inner = new Box('inner');
$c = clone $a;
$c->value = 'clone';
$c->inner->value = 'shared';
$c->list[] = 'mine';
echo $a->value, ' ', $a->inner->value, ' ', count($a->list), "\n";
var_dump($a === $b, $a == $c, $a === $c, new Box(1) == new Box(1));
$boxes = [$a, $a];
$boxes[0]->value = 'through array';
echo $boxes[1]->value, ' ', $b->value, "\n";
foreach ($boxes as $box) {
    $box->value .= '!';
}
echo $a->value, "\n";
