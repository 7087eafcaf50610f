<?php
// Callables of all kinds.
class Fees
{
    public function __construct(private int $percent)
    {
    }

    public function of(int $fen): int
    {
        return intdiv($fen * $this->percent, 100);
    }

    public static function none(int $fen): int
    {
        return 0;
    }
}

$strlen = strlen(...);
echo $strlen('abcd'), ' ';
$fees = new Fees(10);
$of = $fees->of(...);
$none = Fees::none(...);
echo $of(500), ' ', $none(500), "\n";
echo implode(',', array_map($fees->of(...), [100, 250])), ' ', implode(',', array_map([$fees, 'of'], [30])), ' ', implode(',', array_map('Fees::none', [1])), "\n";
function shout(string $s): string
{
    return strtoupper($s) . '!';
}
echo implode(' ', array_map('shout', ['a', 'b'])), ' ', implode(' ', array_map(shout(...), ['c'])), ' ', is_callable('shout') ? 'y' : 'n', "\n";
