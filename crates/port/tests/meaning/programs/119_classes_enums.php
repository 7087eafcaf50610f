<?php
// Enums with values, methods, constants.
enum State: string
{
    case Paid = 'SUCCESS';
    case Refunded = 'REFUND';
    case Open = 'NOTPAY';

    const DEFAULT = self::Open;

    public function label(): string
    {
        return match ($this) {
            self::Paid => '已支付',
            self::Refunded => '已退款',
            self::Open => '待支付',
        };
    }

    public static function of(string $text): self
    {
        return self::tryFrom($text) ?? self::DEFAULT;
    }

    public function isFinal(): bool
    {
        return $this !== self::Open;
    }
}

foreach (State::cases() as $state) {
    echo $state->name, '=', $state->value, ' ', $state->label(), ' ', $state->isFinal() ? 'final' : 'open', "\n";
}
echo State::from('SUCCESS')->name, ' ', State::of('??')->name, ' ', State::tryFrom('x')?->name ?? 'none', ' ', State::Paid === State::of('SUCCESS') ? 'same' : 'other', "\n";
try {
    State::from('BAD');
} catch (ValueError $e) {
    echo 'ValueError: ', $e->getMessage(), "\n";
}
echo json_encode(['state' => State::Paid, 'all' => array_map(fn ($s) => $s->name, State::cases())]), ' ', State::Paid instanceof State ? 'is' : 'not', "\n";
