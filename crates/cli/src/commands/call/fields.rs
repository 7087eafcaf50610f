//! Fields as in xh: `name=text`, `name:=JSON`, `name=@FILE`, `name:=@FILE`, `name==text` and `outer[inner][0]=text`.

use std::path::Path;

use serde_json::{Map, Value};

use crate::failure::{Failure, Result, shown};
use crate::input;

/// A field, or a parameter of the query.
#[derive(Debug)]
pub enum Field {
    Body(Vec<Step>, Value),
    Query(String, String),
}

/// A step into JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Name(String),
    Index(usize),
    /// `[]`: after the last one.
    End,
}

/// Longer ones before those that they begin with.
const SEPARATORS: [&str; 5] = [":=@", ":=", "=@", "==", "="];

/// What has a meaning in a name, unless a backslash is before it.
const SPECIAL: [char; 6] = ['=', '@', ':', '[', ']', '\\'];

/// The longest list that an index makes.
const MOST: usize = 10_000;

impl Field {
    pub fn parse(text: &str) -> Result<Field> {
        let Some((name, separator, value)) = split(text) else {
            return Err(Failure::usage(format!("{} is not a field", shown(text)))
                .next("fields are name=text, name:=JSON, name=@FILE, name:=@FILE and name==text; headers are given by -H, variables by -v"));
        };
        let json = |text: &str| {
            text.parse::<Value>().map_err(|error| {
                Failure::usage(format!("{name}:= is not followed by JSON: {error}")).next(format!("a text is {name}=…"))
            })
        };
        let file = |path: &str| input::read_text(Path::new(path), name);
        let value = match separator {
            "==" => return Ok(Field::Query(unescaped(name), value.to_owned())),
            ":=@" => json(&file(value)?)?,
            ":=" => json(value)?,
            "=@" => Value::String(file(value)?.to_string()),
            _ => {
                Value::String(value.strip_prefix('\\').filter(|rest| rest.starts_with('@')).unwrap_or(value).to_owned())
            }
        };
        let steps = steps(name).ok_or_else(|| {
            Failure::usage(format!("{name:?} is not the name of a field"))
                .next("such as amount[total], list[0][name] and list[]")
        })?;
        if steps.len() > input::DEEPEST {
            return Err(Failure::usage(format!("a field has {} steps, more than {}", steps.len(), input::DEEPEST)));
        }
        Ok(Field::Body(steps, value))
    }
}

/// Up to the first separator that has no backslash before it.
fn split(text: &str) -> Option<(&str, &'static str, &str)> {
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' {
            letters.next();
            continue;
        }
        let (name, rest) = text.split_at_checked(at)?;
        if let Some(separator) = SEPARATORS.into_iter().find(|separator| rest.starts_with(separator)) {
            return (!name.is_empty()).then_some((name, separator, rest.strip_prefix(separator)?));
        }
    }
    None
}

fn unescaped(name: &str) -> String {
    let mut plain = String::new();
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let escaped = letters.next_if(|next| letter == '\\' && SPECIAL.contains(next));
        plain.push(escaped.unwrap_or(letter));
    }
    plain
}

/// The steps of `outer[inner][0]`; `None` if it is not written so.
fn steps(name: &str) -> Option<Vec<Step>> {
    let bracket = |text: &str, bracket: char| {
        let mut is_escaped = false;
        text.find(|letter| {
            let found = letter == bracket && !is_escaped;
            is_escaped = letter == '\\' && !is_escaped;
            found
        })
    };
    let (first, mut rest) = name.split_at_checked(bracket(name, '[').unwrap_or(name.len()))?;
    let mut steps = match first {
        "" => Vec::new(),
        first => vec![Step::Name(unescaped(first))],
    };
    while !rest.is_empty() {
        let inside = rest.strip_prefix('[')?;
        let (step, after) = inside.split_at_checked(bracket(inside, ']')?)?;
        rest = after.strip_prefix(']')?;
        let number = |text: &str| text.parse::<usize>().ok();
        let escaped_number = step.strip_prefix('\\').filter(|step| number(step).is_some());
        steps.push(match (step, number(step), escaped_number) {
            ("", _, _) => Step::End,
            (_, Some(number), _) => Step::Index(number),
            (_, _, Some(number)) => Step::Name(number.to_owned()),
            (name, _, _) => Step::Name(unescaped(name)),
        });
    }
    (!steps.is_empty()).then_some(steps)
}

/// Puts a value into a body; what is missing on the way is made.
pub fn put(body: &mut Value, steps: &[Step], value: Value) -> Result<()> {
    let Some((step, rest)) = steps.split_first() else {
        *body = value;
        return Ok(());
    };
    if body.is_null() {
        *body = match step {
            Step::Name(_) => Value::Object(Map::new()),
            Step::Index(_) | Step::End => Value::Array(Vec::new()),
        };
    }
    let inner = match (step, body) {
        (Step::Name(name), Value::Object(fields)) => fields.entry(name).or_insert(Value::Null),
        (Step::Index(_) | Step::End, Value::Array(list)) => {
            let at = if let Step::Index(at) = step { *at } else { list.len() };
            if at >= MOST {
                return Err(Failure::usage(format!("[{at}] makes the list too long")));
            }
            if at >= list.len() {
                list.resize(at.saturating_add(1), Value::Null);
            }
            list.get_mut(at).ok_or_else(|| Failure::usage("the list is too short"))?
        }
        (Step::Name(name), _) => {
            return Err(Failure::usage(format!(
                "there is no place for {name:?}: it would be inside of something that is not an object"
            )));
        }
        (Step::Index(_) | Step::End, _) => {
            return Err(Failure::usage(
                "there is no place for an element: it would be inside of something that is not a list",
            ));
        }
    };
    if rest.is_empty() {
        *inner = value;
        return Ok(());
    }
    put(inner, rest, value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(fields: &[&str]) -> Value {
        let mut body = Value::Null;
        for field in fields {
            match Field::parse(field).unwrap() {
                Field::Body(steps, value) => put(&mut body, &steps, value).unwrap(),
                Field::Query(name, _) => panic!("{name} is of the query"),
            }
        }
        body
    }

    #[test]
    fn they_are_what_they_are_in_xh() {
        assert_eq!(body(&["a=1", "b:=1", "c:={\"d\":[true]}"]), json!({ "a": "1", "b": 1, "c": { "d": [true] } }));
        assert_eq!(
            body(&["amount[total]:=100", "amount[currency]=CNY"]),
            json!({ "amount": { "total": 100, "currency": "CNY" } })
        );
        assert_eq!(body(&["l[]=a", "l[]=b", "l[3][n]=c"]), json!({ "l": ["a", "b", null, { "n": "c" }] }));
        assert_eq!(body(&["[0][x]=1"]), json!([{ "x": "1" }]));
        assert_eq!(body(&[r"a\=b=c", r"d\[e\]=f", r"g[\5]=h"]), json!({ "a=b": "c", "d[e]": "f", "g": { "5": "h" } }));
        assert_eq!(
            body(&["url=https://a.example/?b=c&d==e", r"f=\@g", r"path=C:\dir"]),
            json!({
                "url": "https://a.example/?b=c&d==e", "f": "@g", "path": r"C:\dir",
            })
        );
        assert_eq!(body(&["a=1", "a=2", "b="]), json!({ "a": "2", "b": "" }));
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in ["", "a", "=b", "a:b", "a[=b", "a[b]c=d", "a[b=c", "b:=x"] {
            assert!(Field::parse(text).is_err(), "{text}");
        }
        let mut body = json!({ "a": 1 });
        for text in ["a[b]=1", "a[0]=1", "[0]=1", "c[10000]=1"] {
            let Field::Body(steps, value) = Field::parse(text).unwrap() else { panic!("{text}") };
            assert!(put(&mut body, &steps, value).is_err(), "{text}");
        }
    }
}
