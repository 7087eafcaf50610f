//! PHP's classes of errors, and which of them extends which.

/// PHP's classes of errors, each with the one that it extends.
const CLASSES: [(&str, &str); 26] = [
    ("Exception", "Throwable"),
    ("Error", "Throwable"),
    ("ErrorException", "Exception"),
    ("JsonException", "Exception"),
    ("LogicException", "Exception"),
    ("RuntimeException", "Exception"),
    ("BadFunctionCallException", "LogicException"),
    ("BadMethodCallException", "BadFunctionCallException"),
    ("DomainException", "LogicException"),
    ("InvalidArgumentException", "LogicException"),
    ("LengthException", "LogicException"),
    ("OutOfRangeException", "LogicException"),
    ("OutOfBoundsException", "RuntimeException"),
    ("OverflowException", "RuntimeException"),
    ("RangeException", "RuntimeException"),
    ("UnderflowException", "RuntimeException"),
    ("UnexpectedValueException", "RuntimeException"),
    ("ArithmeticError", "Error"),
    ("AssertionError", "Error"),
    ("TypeError", "Error"),
    ("UnhandledMatchError", "Error"),
    ("ValueError", "Error"),
    ("ArgumentCountError", "TypeError"),
    ("DivisionByZeroError", "ArithmeticError"),
    ("GuzzleHttp\\Exception\\RequestException", "RuntimeException"),
    ("GuzzleHttp\\Promise\\RejectionException", "RuntimeException"),
];

/// Whether a class is another one, or extends it.
pub(super) fn extends(class: &str, other: &str) -> bool {
    let mut class = class;
    // No class extends more than a few others.
    for _ in 0..CLASSES.len() {
        if class.eq_ignore_ascii_case(other) {
            return true;
        }
        class = match CLASSES.iter().find(|(name, _)| *name == class) {
            Some((_, parent)) => parent,
            None if class.starts_with("GuzzleHttp\\Exception\\") => "GuzzleHttp\\Exception\\RequestException",
            None => return false,
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::extends;

    #[test]
    fn classes_extend_those_that_php_says() {
        assert!(extends("DivisionByZeroError", "ArithmeticError"));
        assert!(extends("DivisionByZeroError", "Throwable"));
        assert!(!extends("DivisionByZeroError", "Exception"));
        assert!(extends("UnexpectedValueException", "RuntimeException"));
        assert!(!extends("RuntimeException", "UnexpectedValueException"));
        assert!(extends("GuzzleHttp\\Exception\\ClientException", "GuzzleHttp\\Exception\\RequestException"));
        assert!(!extends("Unheard", "Exception"));
    }
}
