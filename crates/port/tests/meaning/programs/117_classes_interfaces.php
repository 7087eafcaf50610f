<?php
// Interfaces with constants, several at once.
interface Signer
{
    const ALGORITHM = 'MD5';

    public function sign(string $data): string;
}

interface Named
{
    public function name(): string;
}

final class Md5Signer implements Signer, Named
{
    public function __construct(private readonly string $key)
    {
    }

    public function sign(string $data): string
    {
        return strtoupper(md5($data . '&key=' . $this->key));
    }

    public function name(): string
    {
        return self::ALGORITHM;
    }
}

class NullSigner implements Signer
{
    public function sign(string $data): string
    {
        return '';
    }
}

function show(Signer $signer): string
{
    $name = $signer instanceof Named ? $signer->name() : 'unnamed';
    return $name . ':' . ($signer->sign('a=1') ?: 'nothing');
}

echo show(new Md5Signer('k')), "\n", show(new NullSigner()), "\n", Signer::ALGORITHM, "\n";
