<?php
declare(strict_types=1);
class Logger { public function __construct(private string $name) {} public function info(string $m): void { echo $this->name, $m, "\n"; } }
class Order {
    public ?string $remark = null;
    private ?int $fen = null;
    private ?Logger $logger = null;
    public function __construct(?string $remark, ?int $fen, ?Logger $logger) { $this->remark = $remark; $this->fen = $fen; $this->logger = $logger; }
    public function text(): string {
        if ($this->logger !== null) {
            // a comment
            $this->logger->info('text');
        }
        if ($this->logger) {
            $this->logger->info('text');
        }
        if ($this->fen !== null && $this->fen > 3) { echo "big\n"; }
        if ($this->fen !== null) { echo $this->fen + 1, "\n"; } elseif ($this->remark !== null) { echo $this->remark, "!\n"; } else { echo "none\n"; }
        $x = $this->fen === null ? 0 : $this->fen * 2;
        $y = isset($this->remark) ? strtoupper($this->remark) : 'NONE';
        return $x . $y . ($this->remark !== null ? $this->remark : '-');
    }
    public function clear(): void {
        if ($this->remark !== null) { $this->remark = null; }
        if ($this->remark !== null) { $this->text(); }
    }
}
function show(Order $o): string { return $o->remark !== null ? "<$o->remark>" : 'none'; }
$o = new Order('a', 5, new Logger('L'));
echo $o->text(), show($o), "\n";
$o->clear();
echo show($o), "\n";
