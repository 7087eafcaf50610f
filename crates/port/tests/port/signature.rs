//! What a ported function takes and returns, read from its Rust.

/// The types of its parameters and of what it returns, as they are written.
#[derive(Debug, PartialEq)]
pub struct Signature {
    /// How it is called: `run`, `RefundService::nightly`.
    pub path: String,
    pub parameters: Vec<String>,
    pub returns: Option<String>,
}

impl Signature {
    /// Of a function, or of one of a type: `RefundService::nightly`.
    pub fn of(rust: &str, path: &str) -> Signature {
        let (within, name) = match path.split_once("::") {
            Some((owner, name)) => {
                let begin = format!("\nimpl {owner} {{");
                let at = rust.find(&begin).unwrap_or_else(|| panic!("there is no `impl {owner}` in\n{rust}"));
                (&rust[at..], name)
            }
            None => (rust, path),
        };
        let at = within.find(&format!("fn {name}(")).unwrap_or_else(|| panic!("there is no `fn {name}` in\n{rust}"));
        let rest = &within[at + "fn ".len() + name.len() + "(".len()..];
        let end = closing(rest);
        let parameters = parts(&rest[..end]).into_iter().map(|parameter| {
            let (_, ty) = parameter.split_once(": ").unwrap_or_else(|| panic!("{parameter:?} has no type"));
            ty.to_owned()
        });
        let behind = rest[end + 1..].split('{').next().unwrap_or_default().split(" where").next().unwrap_or_default();
        Signature {
            path: path.to_owned(),
            parameters: parameters.collect(),
            returns: behind.trim().strip_prefix("-> ").map(str::to_owned),
        }
    }

    /// Whether it can fail.
    pub fn is_fallible(&self) -> bool {
        let returns = self.returns.as_deref().unwrap_or_default();
        let name = returns.split('<').next().unwrap_or_default();
        name.rsplit("::").next() == Some("Result")
    }

    /// A call of it, with these variables of type `Value` or `Chain`: an expression of `Result<…, String>`.
    pub fn call(&self, variables: &[&str]) -> String {
        assert!(self.parameters.len() >= variables.len(), "{self:?} cannot be called with {variables:?}");
        let arguments: Vec<String> =
            self.parameters.iter().zip(variables).map(|(ty, variable)| argument(ty, variable)).collect();
        // Defaults of PHP that are left out.
        let rest = self.parameters[variables.len()..].iter().map(|ty| match ty.starts_with("Option<") {
            true => "None".to_owned(),
            false => panic!("{self:?} asks for more than {variables:?}"),
        });
        let call = format!("{}({})", self.path, arguments.into_iter().chain(rest).collect::<Vec<_>>().join(", "));
        match self.is_fallible() {
            true => format!("{call}.map_err(|error| error.to_string())"),
            false => format!("Ok::<_, String>({call})"),
        }
    }
}

/// What is written for a parameter of this type.
fn argument(ty: &str, variable: &str) -> String {
    match ty {
        "Value" | "Chain" | "impl Into<Value>" => format!("{variable}.clone()"),
        "&Value" | "&Chain" | "&mut Value" | "&mut Chain" => {
            ty.replace(ty.trim_start_matches(['&', 'm', 'u', 't', ' ']), variable)
        }
        "Option<Value>" | "Option<Chain>" => format!("Some({variable}.clone())"),
        "Option<&Value>" | "Option<&Chain>" => format!("Some(&{variable})"),
        "&[Value]" => format!("{variable}.as_array().unwrap()"),
        "Vec<Value>" => format!("{variable}.as_array().unwrap().clone()"),
        "&Map<String, Value>" => format!("{variable}.as_object().unwrap()"),
        "Map<String, Value>" => format!("{variable}.as_object().unwrap().clone()"),
        _ => panic!("no {variable} can be made into {ty:?}"),
    }
}

/// Where the parenthesis is closed that was open at the beginning.
fn closing(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return at,
            ')' => depth -= 1,
            _ => {}
        }
    }
    panic!("not closed: {text}")
}

/// What the commas separate, but for those within brackets.
fn parts(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut depth, mut before) = (Vec::new(), String::new(), 0, ' ');
    for c in text.chars() {
        match c {
            '(' | '<' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '>' if before != '-' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
        before = c;
    }
    parts.push(part);
    parts
        .iter()
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|part| !part.is_empty())
        .collect()
}

#[test]
fn signatures_are_read() {
    let rust = "fn run(\n    client: &Chain,\n    mut cart: Map<String, Value>,\n) -> Result<Value> {\n}\n\nimpl Desk {\n    \
                fn run(f: impl Fn(&str, i64) -> i64) {}\n}\n";
    let run = Signature::of(rust, "run");
    assert_eq!(run.parameters, ["&Chain", "Map<String, Value>"]);
    assert_eq!(run.returns.as_deref(), Some("Result<Value>"));
    assert_eq!(
        run.call(&["chain", "value"]),
        "run(&chain, value.as_object().unwrap().clone()).map_err(|error| error.to_string())"
    );
    let of_desk = Signature::of(rust, "Desk::run");
    assert_eq!(of_desk.parameters, ["impl Fn(&str, i64) -> i64"]);
    assert!(!of_desk.is_fallible());
}
