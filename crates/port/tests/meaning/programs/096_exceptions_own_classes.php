<?php
// A family of exceptions with data of their own.
class PayException extends RuntimeException
{
}

class RefundFailed extends PayException
{
    private string $refundNo;

    public function __construct(string $refundNo, string $message, int $code = 0, ?Throwable $previous = null)
    {
        parent::__construct($message, $code, $previous);
        $this->refundNo = $refundNo;
    }

    public function getRefundNo(): string
    {
        return $this->refundNo;
    }
}

function refund(string $no): void
{
    try {
        throw new UnexpectedValueException('signature');
    } catch (UnexpectedValueException $e) {
        throw new RefundFailed($no, 'refund failed', 7, $e);
    }
}

try {
    refund('R1');
} catch (RefundFailed $e) {
    echo $e->getRefundNo(), ' ', $e->getMessage(), ' ', $e->getCode(), ' because ', $e->getPrevious()->getMessage(), ' ', get_class($e->getPrevious()), "\n";
    echo $e instanceof PayException ? 'pay' : '', ' ', $e instanceof LogicException ? 'logic' : 'not logic', ' ', $e->getPrevious()->getPrevious() === null ? 'end' : 'more', "\n";
}
try {
    throw new PayException('plain');
} catch (RefundFailed | InvalidArgumentException $e) {
    echo "wrong\n";
} catch (PayException) {
    echo "without a variable\n";
}
