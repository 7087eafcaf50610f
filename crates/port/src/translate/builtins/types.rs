//! Functions that ask for the type of a value.

use crate::rust::build::{atom, binary, call, method};
use crate::translate::Translator;
use crate::translate::builtins::{Attempt, Call};
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    pub(super) fn type_function(&mut self, of: &Call<'_>, values: Vec<Typed>) -> Attempt {
        let [value] = values.as_slice() else { return Ok(Err(values)) };
        if !of.name.starts_with("is_") || matches!(of.name, "is_numeric" | "is_file" | "is_dir") {
            return Ok(Err(values));
        }
        if let Some(name) = &value.variable {
            self.learn_inspected(name);
        }
        let is = |yes: bool| Ok(Ok(Typed::boolean(atom(if yes { "true" } else { "false" }))));
        if let Type::OrFalse(inner) = &value.ty {
            let some = if of.name == "is_bool" { "is_none" } else { "is_some" };
            return match (of.name, fits(of.name, inner)) {
                ("is_bool", _) | (_, Some(true)) => Ok(Ok(Typed::boolean(method(value.code.clone(), some, vec![])))),
                _ => is(false),
            };
        }
        if let Type::Optional(inner) = &value.ty {
            return match (of.name, fits(of.name, inner)) {
                ("is_null", _) => Ok(Ok(Typed::boolean(method(value.code.clone(), "is_none", vec![])))),
                (_, Some(true)) => Ok(Ok(Typed::boolean(method(value.code.clone(), "is_some", vec![])))),
                (_, Some(false)) => is(false),
                (_, None) => Err(of.cannot("the type of this is not known here")),
            };
        }
        if value.ty != Type::Json {
            return match fits(of.name, &value.ty) {
                Some(fits) => is(fits),
                None => Ok(Err(values)),
            };
        }
        let code = value.code.clone();
        let test = |name: &str| method(code.clone(), name, vec![]);
        let code = match of.name {
            "is_string" => test("is_string"),
            "is_int" | "is_integer" | "is_long" => test("is_i64"),
            "is_float" | "is_double" => test("is_f64"),
            "is_bool" => test("is_boolean"),
            "is_null" => test("is_null"),
            "is_array" | "is_iterable" | "is_countable" => {
                let path = self.php("is_array");
                call(&path, vec![value.clone().borrowed()])
            }
            "is_scalar" => {
                let path = self.php("is_array");
                let array = call(&path, vec![value.clone().borrowed()]);
                let null = crate::rust::build::unary("!", test("is_null"));
                binary("&&", null, crate::rust::build::unary("!", array))
            }
            "is_object" | "is_callable" | "is_resource" => atom("false"),
            _ => return Ok(Err(values)),
        };
        Ok(Ok(Typed::boolean(code)))
    }
}

/// Whether values of a type pass a test; None where the test or the type is not known.
fn fits(test: &str, ty: &Type) -> Option<bool> {
    let wanted = match test {
        "is_string" => matches!(ty, Type::Text),
        "is_int" | "is_integer" | "is_long" => matches!(ty, Type::Integer),
        "is_float" | "is_double" => matches!(ty, Type::Float),
        "is_bool" => matches!(ty, Type::Boolean),
        "is_null" => matches!(ty, Type::Null),
        "is_array" | "is_iterable" | "is_countable" => matches!(ty, Type::List(_) | Type::Map(_) | Type::Tuple(_)),
        "is_scalar" => matches!(ty, Type::Text | Type::Integer | Type::Float | Type::Boolean),
        "is_callable" => matches!(ty, Type::Closure(_)),
        "is_object" => !ty.is_json() && !matches!(ty, Type::List(_) | Type::Map(_) | Type::Tuple(_)),
        "is_resource" => false,
        _ => return None,
    };
    (!matches!(ty, Type::Unknown | Type::Json | Type::Conflict)).then_some(wanted)
}
