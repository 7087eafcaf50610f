<?php
// Destructors run when the last handle is gone.
class Lock
{
    public function __construct(private string $name)
    {
        echo "lock {$this->name}; ";
    }

    public function __destruct()
    {
        echo "unlock {$this->name}; ";
    }
}

function work(): void
{
    $lock = new Lock('a');
    echo 'working; ';
}

work();
$x = new Lock('b');
$x = null;
echo 'after; ';
$y = new Lock('c');
unset($y);
echo "end\n";
