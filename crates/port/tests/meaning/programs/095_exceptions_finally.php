<?php
// finally runs always, and its return wins.
function early(): string
{
    try {
        return 'from try';
    } finally {
        echo '[cleanup] ';
    }
}

function wins(): string
{
    try {
        throw new Exception('lost');
    } catch (Exception $e) {
        return 'from catch';
    } finally {
        return 'from finally';
    }
}

function swallowed(): string
{
    try {
        throw new LogicException('never seen');
    } finally {
        return 'swallowed';
    }
}

echo early(), "\n", wins(), "\n", swallowed(), "\n";
foreach ([1, 2, 3] as $i) {
    try {
        if ($i === 2) {
            continue;
        }
        echo "body $i ";
    } finally {
        echo "finally $i ";
    }
}
echo "\n";
