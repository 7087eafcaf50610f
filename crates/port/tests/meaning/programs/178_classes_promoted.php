<?php
// Parameters that are properties, and what the constructor does with both.
class Part
{
    private string $full;

    public function __construct(private string $name, protected int $count = 1)
    {
        $name = trim($name);
        $this->full = $this->name . '|' . $name;
        $this->count++;
    }

    public function show(): string
    {
        return $this->full . ' ' . $this->name . ' ' . $this->count;
    }
}

class Limit
{
    public function __construct(public int $most)
    {
        if ($most < 1) {
            $this->most = 1;
        }
    }
}

class Five
{
    public function __construct(public int $number)
    {
        $this->number = 5;
    }
}

abstract class Base
{
    public function __construct(protected string $mchid, protected array $options = [])
    {
        $mchid = trim($mchid);
        $this->mchid = $mchid;
    }

    public function show(): string
    {
        return $this->mchid . json_encode($this->options);
    }
}

class App extends Base
{
    public function __construct(string $mchid, private string $appid)
    {
        parent::__construct($mchid, ['appid' => $appid]);
    }

    public function show(): string
    {
        return $this->appid . ' ' . parent::show();
    }
}

class Plain extends Base
{
}

echo (new Part(' x '))->show(), ' ', (new Part('y', 4))->show(), "\n";
echo (new Limit(0))->most, ' ', (new Limit(7))->most, ' ', (new Five(3))->number, "\n";
echo (new App(' 19 ', 'wx'))->show(), ' ', (new Plain('20 '))->show(), "\n";
