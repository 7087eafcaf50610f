//! What takes an array apart: `[$a, 'b' => $c] = …`.
use crate::php::tree::Element;
use crate::rust::build::{atom, index};
use crate::rust::tree::{Expression, Statement};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::facts::Keys;
use crate::translate::keys::keys_of;
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    /// `[$a, 'b' => $c] = value`
    pub(super) fn take_apart(&mut self, elements: &[Element], value: Typed, span: Span) -> Result<Vec<Statement>> {
        let mut statements = Vec::new();
        if matches!(&value.code, Expression::Atom(unknown) if unknown == "unknown") {
            for target in elements.iter().filter_map(|element| element.value.as_ref()) {
                self.assign_value(target, Typed::unknown())?;
            }
            return Ok(statements);
        }
        let (value, simple) = match &value.code {
            code if crate::rust::shapes::is_simple(code) => (value, true),
            _ => (value, elements.len() == 1),
        };
        let whole = if simple {
            value
        } else {
            let name = self.fresh("parts");
            let ty = value.ty.clone();
            let form = if value.form == Form::Reference { Form::Reference } else { Form::Place };
            let code = if form == Form::Reference { value.code } else { value.into_owned() };
            let is_list = keys_of(&code) == Keys::List;
            let pieces = is_list && is_explode(&code);
            statements.push(Statement::let_(name.clone(), code));
            let whole = Typed::new(atom(name), ty, form);
            if pieces {
                return self.take_texts(elements, whole, statements, span);
            }
            whole
        };
        for (at, element) in elements.iter().enumerate() {
            let Some(target) = &element.value else { continue };
            if element.by_reference {
                return Err(Cannot::new(element.span, "a reference in what takes an array apart"));
            }
            let part = self.part(whole.clone(), element, at, span)?;
            statements.extend(self.assign_value(target, part)?);
        }
        Ok(statements)
    }

    /// `[$a, $b] = explode(…)`: the pieces are texts.
    pub(super) fn take_texts(
        &mut self,
        elements: &[Element],
        whole: Typed,
        mut statements: Vec<Statement>,
        span: Span,
    ) -> Result<Vec<Statement>> {
        for (at, element) in elements.iter().enumerate() {
            let Some(target) = &element.value else { continue };
            let piece = index(whole.code.clone(), atom(at.to_string()));
            let place = crate::translate::value::Pointed {
                base: whole.code.clone(),
                pointer: format!("/{at}"),
                of_response: false,
            };
            let piece = Typed { place: Some(place), ..Typed::place(piece, Type::Json) };
            let text = self.coerce(piece, &Type::Text, span)?;
            statements.extend(self.assign_value(target, text)?);
        }
        Ok(statements)
    }

    pub(super) fn part(&mut self, whole: Typed, element: &Element, at: usize, span: Span) -> Result<Typed> {
        match &whole.ty {
            Type::Unknown => Ok(Typed::unknown()),
            Type::Json => {
                let key = match &element.key {
                    Some(key) => self.expression(key)?,
                    None => Typed::integer(atom(at.to_string())),
                };
                self.json_element(whole, key, span)
            }
            Type::Response => {
                let json = self.to_json(whole, span)?;
                self.part(json, element, at, span)
            }
            Type::Tuple(of) if element.key.is_none() && at < of.len() => {
                let ty = of[at].clone();
                Ok(Typed { form: Form::Place, ..whole.field(&at.to_string(), ty) })
            }
            Type::List(of) => {
                let ty = (**of).clone();
                Ok(Typed::place(index(whole.code, atom(at.to_string())), ty))
            }
            ty => Err(Cannot::new(span, format!("{ty} cannot be taken apart"))),
        }
    }
}

pub fn is_explode(code: &Expression) -> bool {
    match code {
        Expression::Try(of) => is_explode(of),
        Expression::Call { callee, .. } => matches!(&**callee, Expression::Atom(path) if path == "php::explode"),
        _ => false,
    }
}
