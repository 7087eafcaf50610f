//! Functions that are called by name, or ask about names; and what to do instead of those that have no counterpart.

use crate::php::tree::{Argument, Callee, Element, Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, call};
use crate::translate::Translator;
use crate::translate::builtins::{Call, table};
use crate::translate::cannot::{Cannot, Result};
use crate::translate::types::Type;
use crate::translate::value::Typed;

/// The names of the parameters of functions that are called with named arguments.
const PARAMETERS: [(&str, &[&str]); 22] = [
    ("array_column", &["array", "column_key", "index_key"]),
    ("array_fill", &["start_index", "count", "value"]),
    ("array_filter", &["array", "callback", "mode"]),
    ("array_keys", &["array", "filter_value", "strict"]),
    ("array_map", &["callback", "array"]),
    ("array_reverse", &["array", "preserve_keys"]),
    ("array_search", &["needle", "haystack", "strict"]),
    ("array_slice", &["array", "offset", "length", "preserve_keys"]),
    ("array_unique", &["array", "flags"]),
    ("date", &["format", "timestamp"]),
    ("explode", &["separator", "string", "limit"]),
    ("htmlspecialchars", &["string", "flags", "encoding", "double_encode"]),
    ("implode", &["separator", "array"]),
    ("in_array", &["needle", "haystack", "strict"]),
    ("json_decode", &["json", "associative", "depth", "flags"]),
    ("json_encode", &["value", "flags", "depth"]),
    ("mb_substr", &["string", "start", "length"]),
    ("number_format", &["num", "decimals", "decimal_separator", "thousands_separator"]),
    ("round", &["num", "precision"]),
    ("str_pad", &["string", "length", "pad_string", "pad_type"]),
    ("substr", &["string", "offset", "length"]),
    ("usort", &["array", "callback"]),
];

/// The arguments in the order of the parameters.
pub fn positional<'c>(name: &str, arguments: &'c [Argument]) -> Result<Vec<&'c Php>> {
    let mut ordered: Vec<Option<&'c Php>> = Vec::new();
    for argument in arguments {
        if argument.spread {
            // Of these, an array of all arguments is one argument that means the same.
            if matches!((name, arguments.len()), ("max" | "min", 1)) {
                return Ok(vec![&argument.value]);
            }
            return Err(Cannot::new(argument.span, format!("{name}(...$a): write the arguments out")));
        }
        let Some(wanted) = &argument.name else {
            ordered.push(Some(&argument.value));
            continue;
        };
        let known = PARAMETERS.iter().find(|(function, _)| *function == name);
        let at = known.and_then(|(_, names)| names.iter().position(|parameter| parameter == wanted));
        let Some(at) = at else {
            return Err(Cannot::new(argument.span, format!("{name}({wanted}: …): pass the argument by its position")));
        };
        if ordered.len() <= at {
            ordered.resize(at + 1, None);
        }
        ordered[at] = Some(&argument.value);
    }
    let all: Option<Vec<&Php>> = ordered.into_iter().collect();
    all.ok_or_else(|| {
        let span = arguments.first().map(|argument| argument.span).unwrap_or_default();
        Cannot::new(span, format!("{name}(): write out the arguments that are left out between others"))
    })
}

/// Whether it is a function of an extension of PHP that has no counterpart as a whole.
pub fn is_foreign(name: &str) -> bool {
    ["preg_", "curl_", "openssl_", "mysqli_", "pg_"].iter().any(|prefix| name.starts_with(prefix))
        && name != "openssl_random_pseudo_bytes"
}

/// What to do instead of a function that has no counterpart.
pub fn instead_of(name: &str) -> String {
    let instead = match name {
        "extract" => "a variable for each key: take what you need out of the array by its name",
        "func_get_args" | "func_get_arg" | "func_num_args" => "declare the parameters, or ...$rest",
        "get_object_vars" | "property_exists" | "method_exists" | "get_class_methods" => {
            "reflection has no counterpart: name the members"
        }
        "spl_object_hash" | "spl_object_id" => "objects have no identity here: give them a number of their own",
        "get_class" | "get_parent_class" | "is_a" | "is_subclass_of" => {
            "the class of an object: match on what it is, or give it a method that says so"
        }
        "next" | "prev" | "each" | "current" | "key" => {
            "the position in an array: use foreach, array_key_first, array_key_last"
        }
        "ob_start" | "ob_get_clean" | "ob_get_contents" | "ob_end_clean" | "ob_end_flush" => {
            "output is not held back here: build a text, and print it"
        }
        "printf" | "vprintf" | "fprintf" | "var_dump" => "its value is used: write it on a line of its own",
        "count" | "sizeof" => "of all levels: write a function that calls itself",
        "array_walk_recursive" => "write a function that calls itself",
        "array_multisort" => "sort one array of rows with usort",
        "iterator_to_array" => "collect the iterator into a Vec",
        "serialize" | "unserialize" => "use json_encode and json_decode",
        "eval" | "create_function" => "code in a text has no counterpart",
        "header" | "http_response_code" | "setcookie" => "the framework of the web server sets the head of an answer",
        "session_start" | "session_id" => "the framework of the web server keeps sessions",
        "register_shutdown_function" | "set_error_handler" | "set_exception_handler" | "restore_error_handler" => {
            "errors are values here: handle the Result where it is"
        }
        "simplexml_load_string" | "simplexml_load_file" | "xml_parser_create" => "use Transformer::toArray",
        "shuffle" | "str_shuffle" | "array_rand" => "chance: use the crate rand",
        name if name.starts_with("preg_") => "regular expressions: use the crate regex, or functions of texts",
        name if name.starts_with("curl_") => "send the request with the client of this crate",
        name if name.starts_with("openssl_") => "use Rsa, AesGcm or AesEcb",
        name if name.starts_with("mysqli_") || name.starts_with("pg_") => "use a crate for the database, such as sqlx",
        name if name.starts_with("iconv") || name == "mb_convert_encoding" => {
            "texts are UTF-8 here: use the crate encoding_rs for others"
        }
        _ => return format!("{name}(): there is no counterpart here: write what it does"),
    };
    format!("{name}(): {instead}")
}

impl Translator<'_> {
    /// `compact('a', 'b')`
    pub(super) fn array_of_names(&mut self, call: &Call<'_>) -> Result<Option<Typed>> {
        if call.name != "compact" {
            return Ok(None);
        }
        let mut elements = Vec::new();
        for php in &call.arguments {
            compacted(php, &mut elements)?;
        }
        self.array(&elements, call.span).map(Some)
    }

    /// Functions of the names of other functions and of constants.
    pub(super) fn function_of_names(&mut self, of: &Call<'_>) -> Result<Option<Typed>> {
        let literal = of.arguments.first().and_then(|php| match &php.bare().kind {
            E::Text(text) => Some(text.as_str()),
            _ => None,
        });
        match (of.name, literal) {
            ("call_user_func", _) => {
                let arguments: Vec<Argument> = of.arguments[1.min(of.arguments.len())..]
                    .iter()
                    .map(|php| Argument { span: php.span, name: None, value: (*php).clone(), spread: false })
                    .collect();
                self.called_by_name(of.argument(0)?, &arguments, of).map(Some)
            }
            ("call_user_func_array", _) => {
                let E::Array(elements) = &of.argument(1)?.bare().kind else {
                    return Err(of.cannot("write the call out, with its arguments"));
                };
                let mut arguments = Vec::new();
                for element in elements {
                    match (&element.value, &element.key, element.spread) {
                        (Some(value), None, false) => {
                            arguments.push(Argument {
                                span: value.span,
                                name: None,
                                value: value.clone(),
                                spread: false,
                            });
                        }
                        _ => return Err(of.cannot("write the call out, with its arguments")),
                    }
                }
                self.called_by_name(of.argument(0)?, &arguments, of).map(Some)
            }
            ("function_exists" | "is_callable", Some(name)) => {
                let known = self.program.function(name).is_some()
                    || table::find(&name.trim_start_matches('\\').to_ascii_lowercase()).is_some();
                Ok(Some(Typed::boolean(atom(if known { "true" } else { "false" }))))
            }
            ("constant", Some(name)) => match name.split_once("::") {
                None => self.constant(name, of.span).map(Some),
                Some((class, constant)) => {
                    let class = crate::php::tree::ClassName::Named(class.to_owned());
                    self.class_constant(&class, constant, of.span).map(Some)
                }
            },
            ("defined", Some(name)) => {
                let known = self.program.constants.contains_key(name);
                Ok(Some(Typed::boolean(atom(if known { "true" } else { "false" }))))
            }
            ("php_sapi_name", _) => Ok(Some(Typed::text("cli"))),
            ("getmypid", _) => {
                let id = call("i64::from", vec![call("std::process::id", vec![])]);
                Ok(Some(Typed::owned(id, Type::Integer)))
            }
            _ => Ok(None),
        }
    }

    fn called_by_name(&mut self, callee: &Php, arguments: &[Argument], of: &Call<'_>) -> Result<Typed> {
        match &callee.bare().kind {
            E::Text(name) if !name.contains("::") => self.call(&Callee::Named(name.clone()), arguments, of.span),
            E::Array(elements) => {
                let [Element { value: Some(object), .. }, Element { value: Some(name), .. }] = elements.as_slice()
                else {
                    return Err(of.cannot("write the call out"));
                };
                let E::Text(name) = &name.kind else {
                    return Err(of.cannot("the name of the method is a value: choose with match"));
                };
                let name = crate::php::tree::Name::Plain(name.clone());
                match &object.kind {
                    E::Text(class) => {
                        let class = crate::php::tree::ClassName::Named(class.clone());
                        self.static_call(&class, &name, arguments, of.span)
                    }
                    _ => self.method_call(object, &name, arguments, false, of.span),
                }
            }
            _ => self.call_value(callee, arguments, of.span),
        }
    }
}

/// The names that `compact` takes, as elements of an array.
fn compacted(php: &Php, elements: &mut Vec<Element>) -> Result<()> {
    match &php.bare().kind {
        E::Text(name) => {
            elements.push(Element {
                span: php.span,
                key: Some(Php { span: php.span, kind: E::Text(name.clone()) }),
                value: Some(Php { span: php.span, kind: E::Variable(name.clone()) }),
                by_reference: false,
                spread: false,
            });
            Ok(())
        }
        E::Array(inner) => inner.iter().flat_map(|element| &element.value).try_for_each(|php| compacted(php, elements)),
        _ => Err(Cannot::new(php.span, "compact() of a name that is a value: write the array out")),
    }
}
