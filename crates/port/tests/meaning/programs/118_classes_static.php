<?php
// Late static binding, singletons, counters.
class Model
{
    protected static string $table = 'models';
    private static array $instances = [];
    public static int $count = 0;

    public static function table(): string
    {
        return static::$table . '/' . self::$table;
    }

    public static function instance(): static
    {
        return self::$instances[static::class] ??= new static();
    }

    protected function __construct()
    {
        static::$count++;
    }
}

class Order extends Model
{
    protected static string $table = 'orders';
    public string $state = 'new';
}

echo Model::table(), ' ', Order::table(), "\n";
Order::instance()->state = 'paid';
echo Order::instance()->state, ' ', Order::instance() === Order::instance() ? 'same' : 'two', ' ', get_class(Model::instance()), ' ', Model::$count, Order::$count, "\n";
