<?php
// The arguments of the program, and what the environment does not have.
function given(): int
{
    global $argv;
    return count($argv) - 1 + count($_SERVER['argv']) - count(array_slice($_SERVER['argv'], 1));
}
function setting(string $name, string $default): string
{
    $value = getenv($name);
    if ($value === false) {
        return $default;
    }
    return $value;
}
function main(): int
{
    return given();
}
if ($argc > 50) {
    echo "usage: {$argv[0]} file\n";
    exit(1);
}
$options = array_slice($argv, 50);
echo count($options), ' ', $argv[50] ?? 'default.txt', ' ', isset($argv[0]) ? 'program' : '', ' ', $argc - count($argv), ' ';
echo $_SERVER['argc'] - $argc, ' ', in_array('--surely-not-given', $argv, true) ? 'given' : 'not given', "\n";
echo main() === given() ? 'same' : 'different', "\n";
if (!getenv('SURELY_NOT_SET')) {
    echo "nothing\n";
}
if (getenv('SURELY_NOT_SET') === false && getenv('PATH') !== false && getenv('PATH')) {
    echo "compared\n";
}
echo getenv('SURELY_NOT_SET') === 'production' ? 'production' : 'test', ' ', getenv('SURELY_NOT_SET') !== 'production' ? 'test' : '', "\n";
$found = getenv('SURELY_NOT_SET');
if (!$found) {
    echo "still nothing\n";
}
$path = getenv('PATH');
if ($path) {
    echo strlen($path) > 0 ? "a path\n" : '';
}
echo setting('SURELY_NOT_SET', 'fallback'), ' ', getenv('SURELY_NOT_SET') ? 'yes' : 'no', ' ', empty($_ENV['SURELY_NOT_SET']) ? 'empty' : '', "\n";
foreach (array_slice($argv, 50) as $argument) {
    echo $argument;
}
echo isset($never) ? 'set' : 'never set', ' ', $never ?? 'nothing', ' ', $nothing['x'] ?? 'no element', ' ', empty($none) ? 'empty' : '', "\n";
