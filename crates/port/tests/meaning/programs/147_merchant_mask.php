<?php
// 脱敏。
function maskPhone(string $phone): string
{
    return substr_replace($phone, '****', 3, 4);
}

function maskCard(string $card): string
{
    return str_repeat('*', max(0, strlen($card) - 4)) . substr($card, -4);
}

function maskName(string $name): string
{
    $length = mb_strlen($name);
    if ($length <= 1) {
        return $name;
    }
    if ($length === 2) {
        return mb_substr($name, 0, 1) . '*';
    }
    return mb_substr($name, 0, 1) . str_repeat('*', $length - 2) . mb_substr($name, -1);
}

function maskEmail(string $email): string
{
    [$user, $domain] = explode('@', $email, 2);
    return $user[0] . '***@' . $domain;
}

echo maskPhone('13800138000'), ' ', maskCard('6225880137706868'), ' ', maskCard('123'), "\n";
foreach (['王', '李雷', '韩梅梅', '欧阳小明'] as $name) {
    echo maskName($name), ' ';
}
echo maskEmail('someone@example.com'), "\n";
