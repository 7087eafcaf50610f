//! What a file declares, and what its names mean.

use std::collections::{BTreeMap, BTreeSet};

use crate::php::tree::{
    Block, Callee, Class, Closure, ClosureBody, Expression, ExpressionKind, File, Function, ImportKind, Member,
    MemberKind, Statement, StatementKind, Visibility,
};
use crate::php::walk::each_expression_in;

/// The declarations of a file, by name.
#[derive(Debug, Default)]
pub struct Program<'a> {
    /// By name in lower case, as PHP looks them up.
    pub functions: BTreeMap<String, &'a Function>,
    /// By name in lower case.
    pub classes: BTreeMap<String, &'a Class>,
    /// `const` and `define` of the file.
    pub constants: BTreeMap<String, &'a Expression>,
    /// Variables of the script that functions use by `global`, with what they begin as; None if that is not one assignment.
    pub globals: BTreeMap<String, Option<&'a Expression>>,
    /// Those that something of the script changes.
    pub changed_globals: BTreeSet<String>,
    /// The closures of the file, by where they begin.
    pub closures: BTreeMap<usize, &'a Closure>,
    /// Methods that are hidden, do nothing with `$this` and are the only ones of their names, by where they begin.
    pub objectless: BTreeSet<usize>,
    /// Whether something depends on which of PHP's own classes an exception is of.
    pub asks_for_classes: bool,
    /// Whether an exception is asked for what was before it.
    pub asks_for_previous: bool,
    /// How many `catch`es there are of what calls fail with.
    pub call_catches: usize,
    /// The exceptions that the file makes.
    pub thrown: Vec<String>,
    /// `use` lines: the name in this file, in lower case, and what it stands for.
    imports: BTreeMap<String, String>,
    function_imports: BTreeMap<String, String>,
}

/// The classes of the SDK and of Guzzle that pages name without saying where they are.
const KNOWN: [(&str, &str); 20] = [
    ("aesecb", "WeChatPay\\Crypto\\AesEcb"),
    ("aesgcm", "WeChatPay\\Crypto\\AesGcm"),
    ("badresponseexception", "GuzzleHttp\\Exception\\BadResponseException"),
    ("builder", "WeChatPay\\Builder"),
    ("builderchainable", "WeChatPay\\BuilderChainable"),
    ("clientexception", "GuzzleHttp\\Exception\\ClientException"),
    ("connectexception", "GuzzleHttp\\Exception\\ConnectException"),
    ("formatter", "WeChatPay\\Formatter"),
    ("hash", "WeChatPay\\Crypto\\Hash"),
    ("lazyopenstream", "GuzzleHttp\\Psr7\\LazyOpenStream"),
    ("mediautil", "WeChatPay\\Util\\MediaUtil"),
    ("multipartstream", "GuzzleHttp\\Psr7\\MultipartStream"),
    ("pemutil", "WeChatPay\\Util\\PemUtil"),
    ("rejectionexception", "GuzzleHttp\\Promise\\RejectionException"),
    ("requestexception", "GuzzleHttp\\Exception\\RequestException"),
    ("responseinterface", "Psr\\Http\\Message\\ResponseInterface"),
    ("rsa", "WeChatPay\\Crypto\\Rsa"),
    ("serverexception", "GuzzleHttp\\Exception\\ServerException"),
    ("transformer", "WeChatPay\\Transformer"),
    ("utils", "GuzzleHttp\\Promise\\Utils"),
];

impl<'a> Program<'a> {
    pub fn new(file: &'a File) -> Program<'a> {
        let mut program = Program::default();
        program.add(&file.statements);
        program.ask(&file.statements);
        program.add_closures(&file.statements);
        program.objectless = program.without_object();
        let mut used = Vec::new();
        global_names(&file.statements, &mut used);
        for name in used {
            let (value, writes) = program.single_assignment(&file.statements, &name);
            if writes > 0 {
                program.changed_globals.insert(name.clone());
            }
            program.globals.insert(name, value);
        }
        program
    }

    fn add(&mut self, statements: &'a [Statement]) {
        for statement in statements {
            match &statement.kind {
                StatementKind::Function(function) => {
                    self.functions.insert(function.name.to_lowercase(), function);
                }
                StatementKind::Class(class) => {
                    self.classes.insert(class.name.to_lowercase(), class);
                }
                StatementKind::Constants(constants) => {
                    self.constants.extend(constants.iter().map(|(name, value)| (name.clone(), value)));
                }
                StatementKind::Expression(expression) => {
                    if let Some((name, value)) = defined(expression) {
                        self.constants.insert(name.to_owned(), value);
                    }
                }
                StatementKind::Use(imports) => {
                    for import in imports {
                        let list = match import.kind {
                            ImportKind::Class => &mut self.imports,
                            ImportKind::Function => &mut self.function_imports,
                            ImportKind::Constant => continue,
                        };
                        list.insert(import.name.to_lowercase(), import.path.clone());
                    }
                }
                StatementKind::Block(block) => self.add(&block.statements),
                _ => {}
            }
        }
    }

    fn without_object(&self) -> BTreeSet<usize> {
        let mut by_name: BTreeMap<String, Vec<(&Function, Visibility)>> = BTreeMap::new();
        for member in self.classes.values().flat_map(|class| &class.members) {
            if let MemberKind::Method { function, modifiers } = &member.kind {
                by_name.entry(function.name.to_ascii_lowercase()).or_default().push((function, modifiers.visibility));
            }
        }
        let only = by_name.values().filter_map(|methods| match methods.as_slice() {
            [(function, visibility)] if *visibility != Visibility::Public => Some(function),
            _ => None,
        });
        let is_free = |body: &Block| !mentions_this(&body.statements);
        only.filter(|function| function.body.as_ref().is_some_and(is_free))
            .map(|function| function.span.start)
            .collect()
    }

    fn add_closures(&mut self, statements: &'a [Statement]) {
        let mut inside: Vec<&'a [Statement]> = Vec::new();
        each_expression_in(statements, &mut |expression| {
            if let ExpressionKind::Closure(closure) = &expression.kind {
                self.closures.insert(expression.span.start, closure);
                if let ClosureBody::Block(block) = &closure.body {
                    inside.push(&block.statements);
                }
            }
        });
        each_function_in(statements, &mut |function| {
            inside.extend(function.body.iter().map(|body| body.statements.as_slice()));
        });
        for statements in inside {
            self.add_closures(statements);
        }
    }

    /// The value of a variable of the script, if one statement assigns it, once, and nothing else changes it.
    /// How often it is written, too.
    fn single_assignment(&self, statements: &'a [Statement], name: &str) -> (Option<&'a Expression>, usize) {
        let mut values = Vec::new();
        for statement in statements {
            if let StatementKind::Expression(expression) = &statement.kind
                && let ExpressionKind::Assign { target, operator: None, value: assigned, .. } = &expression.kind
                && is_variable(target, name)
            {
                values.push(&**assigned);
            }
        }
        let mut writes = 0;
        let mut count = |expression: &Expression| writes += usize::from(changes(expression, name));
        each_expression_in(statements, &mut |expression| count(expression));
        for function in self.functions.values() {
            if let Some(body) = &function.body {
                let mut names = Vec::new();
                global_names(&body.statements, &mut names);
                if names.iter().any(|global| global == name) {
                    each_expression_in(&body.statements, &mut |expression| count(expression));
                }
            }
        }
        let single = values.first().copied().filter(|_| writes == 1 && values.len() == 1);
        (single, writes)
    }

    /// What a class is called in full, without a leading backslash: one of this file by its own name.
    pub fn class_name(&self, written: &str) -> String {
        if let Some(absolute) = written.strip_prefix('\\') {
            return absolute.to_owned();
        }
        let (first, rest) = written.split_once('\\').map_or((written, None), |(first, rest)| (first, Some(rest)));
        let first_lower = first.to_lowercase();
        match (self.imports.get(&first_lower), rest) {
            (Some(path), Some(rest)) => format!("{path}\\{rest}"),
            (Some(path), None) => path.clone(),
            (None, None) if self.classes.contains_key(&first_lower) => self.classes[&first_lower].name.clone(),
            (None, None) => KNOWN
                .iter()
                .find(|(name, _)| *name == first_lower)
                .map_or_else(|| written.to_owned(), |(_, path)| (*path).to_owned()),
            (None, Some(_)) => written.to_owned(),
        }
    }

    /// A class of this file.
    pub fn class(&self, written: &str) -> Option<&'a Class> {
        let name = self.class_name(written);
        let last = name.rsplit('\\').next().unwrap_or(&name);
        self.classes.get(&last.to_lowercase()).copied()
    }

    /// A function of this file.
    pub fn function(&self, written: &str) -> Option<&'a Function> {
        let last = written.rsplit('\\').next().unwrap_or(written);
        self.functions.get(&last.to_lowercase()).copied()
    }

    /// What PHP's own function is called, in lower case: `\strlen` and `strlen` are one.
    pub fn function_name(&self, written: &str) -> String {
        let written = written.trim_start_matches('\\').to_lowercase();
        self.function_imports.get(&written).map_or(written, |path| path.to_lowercase())
    }

    /// A method of a class or of one that it extends, with the class that has it.
    pub fn method(&self, class: &str, name: &str) -> Option<(&'a Class, &'a Member, &'a Function)> {
        let mut class = self.class(class)?;
        for _ in 0..32 {
            for member in &class.members {
                if let MemberKind::Method { function, .. } = &member.kind
                    && function.name.eq_ignore_ascii_case(name)
                {
                    return Some((class, member, function));
                }
            }
            class = self.class(class.extends.first()?)?;
        }
        None
    }
}

fn is_variable(expression: &Expression, name: &str) -> bool {
    matches!(&expression.kind, ExpressionKind::Variable(variable) if variable == name)
}

/// Whether `$this` is somewhere in it, also in its closures.
fn mentions_this(statements: &[Statement]) -> bool {
    let mut mentions = false;
    each_expression_in(statements, &mut |expression| {
        mentions |= match &expression.kind {
            ExpressionKind::Closure(closure) => match &closure.body {
                ClosureBody::Block(block) => mentions_this(&block.statements),
                ClosureBody::Arrow(_) => false,
            },
            _ => is_variable(expression.bare(), "this"),
        };
    });
    mentions
}

/// Whether the expression assigns the variable or a part of it, or takes a reference.
fn changes(expression: &Expression, name: &str) -> bool {
    match &expression.kind {
        ExpressionKind::Assign { target, value, by_reference, .. } => {
            is_variable(target.whole(), name) || (*by_reference && is_variable(value.whole(), name))
        }
        ExpressionKind::Step { target, .. } => is_variable(target.whole(), name),
        ExpressionKind::Closure(closure) => {
            closure.captures.iter().any(|capture| capture.by_reference && capture.name == name)
        }
        _ => false,
    }
}

/// `define('NAME', value)`.
pub fn defined(expression: &Expression) -> Option<(&str, &Expression)> {
    let ExpressionKind::Call { callee: Callee::Named(function), arguments } = &expression.kind else { return None };
    let [name, value] = arguments.as_slice() else { return None };
    match &name.value.kind {
        ExpressionKind::Text(name) if function.trim_start_matches('\\').eq_ignore_ascii_case("define") => {
            Some((name, &value.value))
        }
        _ => None,
    }
}

/// Calls `f` with each function and method that is declared among the statements.
fn each_function_in<'a>(statements: &'a [Statement], f: &mut dyn FnMut(&'a Function)) {
    for statement in statements {
        match &statement.kind {
            StatementKind::Function(function) => f(function),
            StatementKind::Class(class) => {
                for member in &class.members {
                    if let MemberKind::Method { function, .. } = &member.kind {
                        f(function);
                    }
                }
            }
            _ => statement.bodies().into_iter().for_each(|body| each_function_in(body, f)),
        }
    }
}

/// The names that `global` makes known somewhere in these statements, and in functions and methods among them.
fn global_names(statements: &[Statement], names: &mut Vec<String>) {
    for statement in statements {
        match &statement.kind {
            StatementKind::Global(globals) => names.extend(globals.iter().cloned()),
            StatementKind::Function(function) => {
                function.body.iter().for_each(|body| global_names(&body.statements, names));
            }
            StatementKind::Class(class) => {
                for member in &class.members {
                    if let MemberKind::Method { function, .. } = &member.kind {
                        function.body.iter().for_each(|body| global_names(&body.statements, names));
                    }
                }
            }
            _ => statement.bodies().into_iter().for_each(|body| global_names(body, names)),
        }
    }
}
