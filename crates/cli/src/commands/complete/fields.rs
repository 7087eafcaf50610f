//! Fields of a call, as the commands take them: `name=text`, `number:=1`, `amount[total]:=1`, `list[]=text`.

use wechatpay_catalog::{Field, Fields, Kind, Operation, Place};

use super::Candidate;
use super::position::Position;

/// The fields of an operation, or the values of the one that is being written.
pub fn next(operation: Operation, position: &Position<'_>) -> Vec<Candidate> {
    let is_query = position.command.get_name() == "get";
    let fields = of_call(operation, is_query);
    let typed = position.typed.as_str();
    let (inside, partial) = match typed.rsplit_once('[') {
        Some((outer, partial)) if !typed.contains('=') => match follow(fields, outer) {
            Some(fields) => (Some((outer, fields)), partial),
            None => return Vec::new(),
        },
        _ => (None, typed),
    };
    let mut found: Vec<(bool, Candidate)> = match inside {
        Some((outer, fields)) => {
            let write =
                |field: Field| Candidate::new(format!("{outer}[{}]{}", field.name(), ending(field)), about(field));
            let those = fields.iter().filter(|field| field.name().starts_with(partial));
            those.map(|field| (field.is_required(), write(field))).collect()
        }
        None => {
            let given = position.positionals.get(1..).unwrap_or_default();
            let is_given = |field: &Field| {
                let name =
                    |text: &str| text.find(['=', ':', '[']).and_then(|end| text.get(..end)) == Some(field.name());
                is_simple(*field) && given.iter().any(|text| name(text))
            };
            let left = fields.iter().filter(|field| !is_given(field));
            left.flat_map(|field| {
                names_or_values(field, typed, is_query).into_iter().map(move |found| (field.is_required(), found))
            })
            .collect()
        }
    };
    // What is required comes first; the others as they are documented.
    found.sort_by_key(|(is_required, _)| !is_required);
    found.into_iter().map(|(_, candidate)| candidate).collect()
}

/// Those that fields of a command are put into.
fn of_call(operation: Operation, is_query: bool) -> Fields {
    let places = if is_query { [Place::Query; 2] } else { [Place::Json, Place::Xml] };
    let found = places.into_iter().map(|place| operation.parameters(place)).find(|fields| !fields.is_empty());
    // Of an upload, they are those of its `meta`.
    let meta = || operation.parameters(Place::Multipart).get("meta").map(|meta| meta.fields());
    found.or_else(meta).unwrap_or_else(|| operation.parameters(Place::Query))
}

/// The fields inside of what is written as `amount` or `list[0][goods]`.
fn follow(fields: Fields, outer: &str) -> Option<Fields> {
    let mut inside = fields;
    for name in outer.split('[').map(|step| step.trim_end_matches(']')) {
        // The element of a list.
        if !name.is_empty() && !name.bytes().all(|byte| byte.is_ascii_digit()) {
            inside = inside.get(name)?.fields();
        }
    }
    Some(inside)
}

/// `name=`, or behind that the values that it may have. In a path or a query, all are texts.
pub fn names_or_values(field: Field, typed: &str, is_text: bool) -> Vec<Candidate> {
    let name = format!("{}{}", field.name(), if is_text { "=" } else { ending(field) });
    let Some(begun) = typed.strip_prefix(&name) else {
        return if name.starts_with(typed) { vec![Candidate::new(name, about(field))] } else { Vec::new() };
    };
    let booleans = || if field.kind() == Kind::Boolean { &["true", "false"][..] } else { &[] };
    let values = field.allowed().iter().chain(booleans().iter().copied().filter(|_| field.allowed().is_empty()));
    values.filter(|value| value.starts_with(begun)).map(|value| Candidate::new(format!("{name}{value}"), "")).collect()
}

/// What follows the name.
fn ending(field: Field) -> &'static str {
    match (field.kind(), field.is_list()) {
        (Kind::Object, false) => "[",
        (Kind::Object, true) => "[0][",
        (Kind::String | Kind::File, true) => "[]=",
        (Kind::String | Kind::File, false) => "=",
        (_, true) => "[]:=",
        (_, false) => ":=",
    }
}

/// Whether it can be given once.
fn is_simple(field: Field) -> bool {
    field.kind() != Kind::Object && !field.is_list()
}

fn about(field: Field) -> String {
    let facts =
        [(field.is_required(), "required"), (field.encryption().is_some(), "encrypted"), (field.is_time(), "time")];
    let facts = facts.into_iter().filter_map(|(is_so, fact)| is_so.then_some(fact.to_owned()));
    [field.type_name()].into_iter().chain(facts).collect::<Vec<_>>().join(", ")
}
