//! The segments of a path, and what is interpolated into them.

use crate::php::tree::{Argument, Binary, Callee, Expression as Php, ExpressionKind as E, Name, Part};
use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::Result;
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed, is_placeholder};

/// What is added to a chain.
#[derive(Debug)]
pub(super) enum Segment {
    /// A text that stands in the source.
    Text(String),
    /// A text that is made when the program runs.
    Made(Box<Typed>),
    Unknown,
}

/// What is interpolated into the path of a call.
#[derive(Debug)]
pub(super) struct Template {
    /// The parts of the path, each a property, an element or a call of `chain`.
    spine: Vec<Span>,
    /// Names that other variables have already.
    taken: Vec<String>,
    pub(super) variables: Vec<(String, Typed)>,
}

impl Template {
    /// `object` is what a method of HTTP is called on, with these arguments.
    pub(super) fn new(object: &Php, arguments: &[Argument]) -> Template {
        let mut template = Template { spine: Vec::new(), taken: Vec::new(), variables: Vec::new() };
        template.add(object);
        for argument in arguments {
            argument.value.each(&mut |php| {
                if let E::Array(elements) = &php.kind {
                    for element in elements {
                        if let Some(E::Text(key)) = element.key.as_ref().map(|key| &key.kind) {
                            template.taken.push(key.clone());
                        }
                    }
                }
            });
        }
        template
    }

    fn add(&mut self, php: &Php) {
        let segments: Vec<&Php>;
        let object = match &php.kind {
            E::Parenthesized(of) => return self.add(of),
            E::Property { object, name, .. } => {
                segments = match name {
                    Name::Computed(name) => vec![name],
                    Name::Plain(_) => vec![],
                };
                object
            }
            E::Index { base, index } => {
                segments = index.iter().map(|index| &**index).collect();
                base
            }
            E::MethodCall { object, name: Name::Plain(name), arguments, .. } if name.eq_ignore_ascii_case("chain") => {
                segments = arguments.iter().map(|argument| &argument.value).collect();
                object
            }
            _ => return,
        };
        for segment in segments {
            self.spine.push(segment.span);
            segment.each(&mut |part| {
                let mut text = |text: &str| {
                    self.taken.extend(text.split(['{', '}']).skip(1).step_by(2).map(str::to_owned));
                };
                match &part.kind {
                    E::Text(whole) => text(whole),
                    E::Interpolated(parts) => parts.iter().for_each(|part| {
                        if let Part::Text(whole) = part {
                            text(whole);
                        }
                    }),
                    _ => {}
                }
            });
        }
        self.add(object);
    }

    /// The name of a variable for this value.
    fn name(&self, value: &Php) -> String {
        let wanted = match &value.bare().kind {
            E::Variable(name) => name.clone(),
            E::Property { name: Name::Plain(name), .. } | E::MethodCall { name: Name::Plain(name), .. } => name.clone(),
            E::Index { index: Some(index), .. } => match &index.bare().kind {
                E::Text(key) => key.clone(),
                _ => "value".to_owned(),
            },
            E::Cast { operand, .. } => return self.name(operand),
            _ => "value".to_owned(),
        };
        let plain = wanted.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !wanted.is_empty();
        let wanted = if plain { wanted } else { "value".to_owned() };
        let taken = |name: &String| self.taken.contains(name) || self.variables.iter().any(|(other, _)| other == name);
        if !taken(&wanted) {
            return wanted;
        }
        (2..).map(|number| format!("{wanted}{number}")).find(|name| !taken(name)).unwrap_or(wanted)
    }
}

/// A piece of a text.
enum Piece<'p> {
    Text(&'p str),
    Value(&'p Php),
}

/// The pieces of `"a{$b}"`, `'a' . $b` and `sprintf('a%s', $b)`; None for what is no such thing.
fn pieces<'p>(php: &'p Php, all: &mut Vec<Piece<'p>>) -> Option<()> {
    match &php.bare().kind {
        E::Text(text) => all.push(Piece::Text(text)),
        E::Interpolated(parts) => all.extend(parts.iter().map(|part| match part {
            Part::Text(text) => Piece::Text(text),
            Part::Value(value) => Piece::Value(value),
        })),
        E::Binary { operator: Binary::Concat, left, right } => {
            pieces(left, all)?;
            pieces(right, all)?;
        }
        E::Call { callee: Callee::Named(name), arguments }
            if name.trim_start_matches('\\').eq_ignore_ascii_case("sprintf") =>
        {
            let (format, values) = arguments.split_first()?;
            let E::Text(format) = &format.value.bare().kind else { return None };
            let texts: Vec<&str> = format.split("%s").collect();
            let plain = texts.len() == values.len() + 1 && texts.iter().all(|text| !text.contains('%'));
            if !plain || values.iter().any(|value| value.spread || value.name.is_some()) {
                return None;
            }
            for (at, text) in texts.iter().enumerate() {
                all.push(Piece::Text(text));
                all.extend(values.get(at).map(|value| Piece::Value(&value.value)));
            }
        }
        _ => all.push(Piece::Value(php)),
    }
    Some(())
}

impl Translator<'_> {
    /// The object of a method call. What is interpolated into the path of a call becomes variables of a template.
    pub(in crate::translate) fn receiver(
        &mut self,
        object: &Php,
        name: &Name,
        arguments: &[Argument],
    ) -> Result<Typed> {
        let wanted = self.sdk.wanted.take();
        let Name::Plain(name) = name else { return self.expression(object) };
        if super::verbs::verb(name).is_none() {
            if ["wait", "otherwise"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
                self.sdk.wanted.clone_from(&wanted);
            }
            let value = self.expression(object);
            self.sdk.wanted = wanted;
            return value;
        }
        let outer = self.sdk.template.replace(Template::new(object, arguments));
        let value = self.expression(object);
        let template = std::mem::replace(&mut self.sdk.template, outer);
        self.sdk.variables = template.map(|template| template.variables).unwrap_or_default();
        value
    }

    /// A segment, or a whole path.
    pub(super) fn segment(&mut self, php: &Php) -> Result<Segment> {
        let mut all = Vec::new();
        let simple = pieces(php, &mut all).is_some();
        if simple && all.iter().all(|piece| matches!(piece, Piece::Text(_))) {
            let text = all.iter().map(|piece| if let Piece::Text(text) = piece { text } else { "" }).collect();
            return Ok(Segment::Text(text));
        }
        if simple && self.becomes_template(php, &all) {
            return self.template(php, &all);
        }
        let outer = self.sdk.template.take();
        let value = self.expression_as(php, &Type::Text);
        self.sdk.template = outer;
        let value = value?;
        Ok(match value.literal() {
            Some(text) => Segment::Text(text.to_owned()),
            None if is_placeholder(&value.code) => Segment::Unknown,
            None => Segment::Made(Box::new(value)),
        })
    }

    /// Whether values in a path can be variables: in a call, and behind some text, as that is where an id is.
    fn becomes_template(&self, php: &Php, pieces: &[Piece<'_>]) -> bool {
        let in_call = self.sdk.template.as_ref().is_some_and(|template| template.spine.contains(&php.span));
        in_call && matches!(pieces.first(), Some(Piece::Text(text)) if text.contains('/'))
    }

    fn template(&mut self, php: &Php, pieces: &[Piece<'_>]) -> Result<Segment> {
        let mut path = String::new();
        let mut names = Vec::new();
        for piece in pieces {
            let value = match piece {
                Piece::Text(text) => {
                    path.push_str(text);
                    continue;
                }
                Piece::Value(value) => value,
            };
            let outer = self.sdk.template.take();
            let translated = self.expression(value);
            self.sdk.template = outer;
            let translated = translated?;
            let Some(template) = &mut self.sdk.template else { continue };
            let name = template.name(value);
            path.push_str(&format!("{{{name}}}"));
            template.variables.push((name.clone(), translated));
            names.push(format!("`{{{name}}}`"));
        }
        self.note(
            php.span,
            format!(
                "{} of the path is sent as it is and percent-encoded; PHP would write capitals in it as `-` and a small letter",
                names.join(" and ")
            ),
        );
        Ok(Segment::Text(path))
    }
}

/// What stands in `chain!(…)` for a path that begins with this; None for what has to be called by `.chain(…)`.
pub(super) fn root(code: &Expression) -> Option<String> {
    match code {
        Expression::Verbatim(text) => Some(text.strip_prefix("chain!(")?.strip_suffix(')')?.to_owned()),
        Expression::Atom(name) if name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => Some(name.clone()),
        Expression::Field { receiver, name } => match &**receiver {
            Expression::Verbatim(_) => None,
            receiver => Some(format!("{}.{name}", root(receiver)?)),
        },
        Expression::Index { base, index } => match &**index {
            Expression::Text(text) => Some(format!("{}[{}]", root(base)?, quoted(text)?)),
            _ => None,
        },
        Expression::Method { receiver, name, arguments } if name == "chain" => match arguments.as_slice() {
            [Expression::Text(text)] => match &**receiver {
                Expression::Verbatim(_) => Some(format!("{}[{}]", root(receiver)?, quoted(text)?)),
                receiver => Some(format!("{}.chain({})", root(receiver)?, quoted(text)?)),
            },
            _ => None,
        },
        _ => None,
    }
}

/// A text as a literal; none that would need escapes.
pub(super) fn quoted(text: &str) -> Option<String> {
    let plain = !text.chars().any(|c| matches!(c, '"' | '\\') || c.is_control());
    plain.then(|| format!("\"{text}\""))
}

/// What may stand in braces: a variable or a field.
pub(super) fn in_braces(value: &Typed) -> Option<String> {
    match (&value.code, value.form) {
        (Expression::Atom(name), _) if crate::translate::coerce::is_name(name) => Some(name.clone()),
        (Expression::Field { .. }, Form::Place | Form::Last | Form::Reference) => root(&value.code),
        _ => None,
    }
}

/// Whether `->name` may stand in `chain!(…)`.
pub(super) fn is_identifier(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && name.bytes().any(|b| b.is_ascii_alphanumeric())
}
