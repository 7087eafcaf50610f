<?php
// Rules as data.
$rules = [
    'out_trade_no' => ['required' => true, 'letters' => '-_*'],
    'total' => ['required' => true, 'min' => 1, 'max' => 1000000],
    'description' => ['required' => true, 'length' => 5],
    'attach' => ['required' => false],
];

function validate(array $data, array $rules): array
{
    $errors = [];
    foreach ($rules as $field => $rule) {
        $value = $data[$field] ?? null;
        if ($value === null || $value === '') {
            if ($rule['required']) {
                $errors[$field][] = 'is required';
            }
            continue;
        }
        if (isset($rule['letters']) && !ctype_alnum(str_replace(str_split($rule['letters']), '', $value))) {
            $errors[$field][] = 'has a wrong form';
        }
        if (isset($rule['min']) && $value < $rule['min']) {
            $errors[$field][] = "is less than {$rule['min']}";
        }
        if (isset($rule['length']) && mb_strlen($value) > $rule['length']) {
            $errors[$field][] = 'is too long';
        }
    }
    return $errors;
}

echo json_encode(validate([], $rules)), "\n";
echo json_encode(validate(['out_trade_no' => 'a b', 'total' => 0, 'description' => '红茶绿茶白茶'], $rules)), "\n";
var_dump(validate(['out_trade_no' => 'order-1', 'total' => 1, 'description' => '红茶'], $rules) === []);
