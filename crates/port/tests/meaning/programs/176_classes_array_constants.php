<?php
// Arrays as constants of classes and interfaces; self:: in what is inherited.
interface States
{
    const NAMES = ['NEW' => 'new', 'PAID' => 'paid'];
}

class Base
{
    const RATE = 6;
    const CODES = [1 => 'one', 2 => 'two'];

    public function rates(): string
    {
        return self::RATE . '/' . static::RATE . '/' . self::CODES[1];
    }
}

class Child extends Base implements States
{
    const RATE = 3;
    private const MORE = ['done', self::RATE, ['deep' => true]];

    public function name(string $state): string
    {
        return self::NAMES[$state] ?? 'unknown';
    }

    public function parents(): string
    {
        return parent::RATE . ' ' . self::RATE . ' ' . count(self::CODES) . ' ' . self::MORE[0] . self::MORE[1] . (self::MORE[2]['deep'] ? 'deep' : '');
    }
}

$child = new Child();
echo $child->name('PAID'), ' ', $child->name('X'), ' ', $child->parents(), ' ', $child->rates(), ' ', (new Base())->rates(), "\n";
foreach (States::NAMES as $key => $name) {
    echo "$key=$name ";
}
echo in_array('two', Base::CODES, true) ? 'yes' : 'no', "\n";
