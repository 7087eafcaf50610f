<?php
// What a script does with its arguments, given here.
function parse(array $argv): array
{
    $options = ['verbose' => false, 'args' => []];
    for ($i = 1, $n = count($argv); $i < $n; $i++) {
        $arg = $argv[$i];
        if (strncmp($arg, '--', 2) === 0) {
            $parts = explode('=', substr($arg, 2), 2);
            $options[$parts[0]] = $parts[1] ?? true;
        } elseif ($arg === '-v') {
            $options['verbose'] = true;
        } elseif ($arg === '-n' && isset($argv[$i + 1])) {
            $options['n'] = (int) $argv[++$i];
        } else {
            $options['args'][] = $arg;
        }
    }
    return $options;
}

var_dump(parse(['pay.php', '--date=2024-03-09', '-v', '-n', '5', 'file.csv', '--dry-run']));
exit(0);
