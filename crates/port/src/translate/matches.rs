//! `match`: Rust's own over literals and cases of enums, else a chain of conditions.

use crate::php::tree::{Arm as PhpArm, ClassKind, Expression as Php, ExpressionKind as E, MemberKind};
use crate::rust::build::{atom, call, if_else, macro_call, method, text};
use crate::rust::shapes::is_simple;
use crate::rust::tree::{Arm, Block, Expression, Lead, Statement, StatementKind};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::comments::Style;
use crate::translate::exceptions::thrown::{Point, Thrown};
use crate::translate::literals::literal_pattern;
use crate::translate::types::Type;
use crate::translate::value::argument;
use crate::translate::value::{Form, Typed};

/// What one arm is: where it applies, and its value.
struct Translated {
    lead: Lead,
    /// None for `default`.
    patterns: Option<Vec<String>>,
    value: Typed,
}

impl Translator<'_> {
    pub(super) fn match_arms(&mut self, subject: &Php, arms: &[PhpArm], span: Span) -> Result<Typed> {
        if matches!(&subject.bare().kind, E::Constant(name) if name.eq_ignore_ascii_case("true")) {
            return self.match_true(arms, span);
        }
        let value = self.expression(subject)?;
        if value.is_unknown() {
            let mut ty = Type::Unknown;
            for arm in arms {
                ty = ty.join(&self.arm_value(arm)?.ty);
            }
            return Ok(Typed::owned(atom("unknown"), if ty == Type::Conflict { Type::Unknown } else { ty }));
        }
        if self.all_patterns(&value.ty, arms) {
            self.matched(value, arms, span)
        } else {
            self.compared(value, arms, span)
        }
    }

    /// Whether each condition can be a pattern for a value of this type.
    fn all_patterns(&mut self, ty: &Type, arms: &[PhpArm]) -> bool {
        let conditions: Vec<&Php> = arms.iter().flat_map(|arm| arm.conditions.iter().flatten()).collect();
        let texts = conditions.iter().all(|php| matches!(php.bare().kind, E::Text(_)));
        let integers =
            conditions.iter().all(|php| literal_pattern(php).is_some() && !matches!(php.bare().kind, E::Text(_)));
        match ty {
            Type::Text => texts,
            Type::Integer => integers,
            Type::Json => texts || integers,
            Type::Boolean => conditions.iter().all(|php| boolean(php).is_some()),
            Type::Enum(_) => conditions.iter().all(|php| self.case_of(php).is_some()),
            _ => false,
        }
    }

    fn pattern(&mut self, php: &Php, ty: &Type) -> String {
        match ty {
            Type::Enum(_) => self.case_of(php).unwrap_or_default(),
            Type::Boolean => boolean(php).unwrap_or_default().to_owned(),
            Type::Json => format!("Some({})", literal_pattern(php).unwrap_or_default()),
            _ => literal_pattern(php).unwrap_or_default(),
        }
    }

    fn matched(&mut self, subject: Typed, arms: &[PhpArm], span: Span) -> Result<Typed> {
        let mut translated = Vec::new();
        for arm in arms {
            let lead = self.comments.lead(arm.span.start, Style::Plain);
            let patterns =
                arm.conditions.as_ref().map(|all| all.iter().map(|php| self.pattern(php, &subject.ty)).collect());
            let value = self.arm_value(arm)?;
            translated.push(Translated { lead, patterns, value });
        }
        // PHP looks at `default` last, wherever it stands.
        translated.sort_by_key(|arm| arm.patterns.is_none());
        if !translated.iter().any(|arm| arm.patterns.is_none()) && !self.is_exhaustive(&subject.ty, arms) {
            let value = self.unhandled(&subject, span)?;
            translated.push(Translated { lead: Lead::default(), patterns: None, value });
        }
        let (arms, ty, form) = self.arms_of(translated, span)?;
        let integers = arms.iter().any(|arm| arm.pattern.starts_with(|c: char| c.is_ascii_digit() || c == '-'))
            || arms.iter().any(|arm| {
                arm.pattern
                    .strip_prefix("Some(")
                    .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '-'))
            });
        let subject = match subject.ty {
            Type::Text => self.as_subject(subject),
            Type::Json => method(subject.code, if integers { "as_i64" } else { "as_str" }, vec![]),
            _ => subject.operand(),
        };
        let subject = Box::new(subject);
        Ok(Typed::new(Expression::Match { subject, arms }, ty, form))
    }

    /// Whether the arms name each case of an enum, or both booleans.
    fn is_exhaustive(&self, ty: &Type, arms: &[PhpArm]) -> bool {
        let named = arms.iter().flat_map(|arm| arm.conditions.iter().flatten());
        match ty {
            Type::Boolean => {
                let mut values: Vec<&str> = named.filter_map(boolean).collect();
                values.sort_unstable();
                values.dedup();
                values.len() == 2
            }
            Type::Enum(name) => {
                let Some(class) = self.program.class(name) else { return false };
                let ClassKind::Enum(_) = class.kind else { return false };
                let named: Vec<&str> = named
                    .filter_map(|php| match &php.bare().kind {
                        E::ClassConstant { name, .. } => Some(name.as_str()),
                        _ => None,
                    })
                    .collect();
                class.members.iter().all(|member| match &member.kind {
                    MemberKind::Case { name, .. } => named.contains(&name.as_str()),
                    _ => true,
                })
            }
            _ => false,
        }
    }

    fn arm_value(&mut self, arm: &PhpArm) -> Result<Typed> {
        self.at_times(|translator| translator.expression(&arm.value))
    }

    /// What PHP throws when no arm fits.
    fn unhandled(&mut self, subject: &Typed, span: Span) -> Result<Typed> {
        self.import("anyhow::bail");
        let class = "UnhandledMatchError".to_owned();
        if self.fails_at(span, Point::of(vec![Thrown::Class(class.clone())])).is_err() {
            return Err(Cannot::new(span, "a match without a default: give it one"));
        }
        if self.program.asks_for_classes && is_simple(&subject.code) && subject.ty.is_json() {
            let (error, shown) = (self.php("Error::new"), self.php("var_export"));
            let shown = call(&shown, vec![argument(subject.clone())]);
            let message = macro_call("format", vec![Expression::Format("Unhandled match case {}".to_owned()), shown]);
            let error = call(&error, vec![text(class), message]);
            return Ok(Typed::owned(macro_call("bail", vec![error]), Type::Never));
        }
        let message = format!("line {}: no arm of match fits", self.line(span));
        Ok(Typed::owned(macro_call("bail", vec![text(message)]), Type::Never))
    }

    /// The arms with values of one type and in one form.
    fn arms_of(&mut self, translated: Vec<Translated>, span: Span) -> Result<(Vec<Arm>, Type, Form)> {
        let mut patterns = Vec::new();
        let mut values = Vec::new();
        for Translated { lead, patterns: own, value } in translated {
            patterns.push((lead, own));
            values.push(value);
        }
        let (values, ty, form) = self.of_one_type(values, span)?;
        let arms = patterns.into_iter().zip(values).map(|((lead, patterns), body)| Arm {
            lead,
            pattern: patterns.map_or_else(|| "_".to_owned(), |patterns| patterns.join(" | ")),
            guard: None,
            body,
        });
        Ok((arms.collect(), ty, form))
    }

    /// Several values of one type and in one form.
    fn of_one_type(&mut self, values: Vec<Typed>, span: Span) -> Result<(Vec<Expression>, Type, Form)> {
        let mut ty = values.iter().fold(Type::Unknown, |ty, value| ty.join(&value.ty));
        if ty == Type::Conflict {
            let types = values.iter().map(|value| value.ty.clone()).filter(|ty| *ty != Type::Never);
            let types: Vec<Type> = types.collect();
            ty = self.common_interface(&types).unwrap_or(ty);
        }
        if ty == Type::Conflict {
            return Err(Cannot::new(span, "the arms of match have types that no Rust type holds"));
        }
        let mut coerced = Vec::new();
        let mut wider = self.dyn_text(&ty);
        for value in values {
            if value.ty == Type::Never {
                coerced.push(value);
                continue;
            }
            let wider = wider.take().filter(|_| value.ty != ty);
            let value = self.coerce(value, &ty, span)?;
            coerced.push(match wider {
                Some(ty) => {
                    let operand = Box::new(value.clone().into_owned());
                    Typed::owned(Expression::Cast { operand, ty }, value.ty)
                }
                None => value,
            });
        }
        let stays = |value: &Typed| value.ty == Type::Never || value.form == Form::Reference;
        let is_place = |value: &Typed| stays(value) || value.form == Form::Place;
        let borrowed = coerced.iter().all(stays) || (ty == Type::Text && coerced.iter().all(is_place));
        let form = if borrowed && !ty.is_copy() { Form::Reference } else { Form::Owned };
        let mut codes = Vec::new();
        for value in coerced {
            codes.push(match (value.ty == Type::Never, form) {
                (true, _) => value.code,
                (false, Form::Reference) if ty == Type::Text => self.as_str(value),
                (false, Form::Reference) => value.borrowed(),
                (false, _) => value.into_owned(),
            });
        }
        Ok((codes, ty, form))
    }

    /// `match (true)`: conditions, one after the other.
    fn match_true(&mut self, arms: &[PhpArm], span: Span) -> Result<Typed> {
        let subject = Typed::boolean(atom("true"));
        self.conditional_arms(arms, &subject, span, |translator, php| {
            let value = translator.expression(php)?;
            if !matches!(value.ty, Type::Boolean | Type::Unknown) {
                return Err(Cannot::new(
                    php.span,
                    "match (true) compares with ===, and this is no boolean: write a comparison",
                ));
            }
            translator.truth(value, php.span)
        })
    }

    /// Arms as a chain of `if`s: `condition` makes one of what an arm compares with.
    fn conditional_arms(
        &mut self,
        arms: &[PhpArm],
        subject: &Typed,
        span: Span,
        mut condition: impl FnMut(&mut Self, &Php) -> Result<Expression>,
    ) -> Result<Typed> {
        let mut conditions = Vec::new();
        let mut values = Vec::new();
        let mut default = None;
        for arm in arms {
            let mut any: Option<Expression> = None;
            for php in arm.conditions.iter().flatten() {
                let one = condition(self, php)?;
                any = Some(match any {
                    None => one,
                    Some(before) => crate::rust::build::binary("||", before, one),
                });
            }
            let value = self.arm_value(arm)?;
            match any {
                Some(any) => {
                    conditions.push(any);
                    values.push(value);
                }
                None => default = Some(value),
            }
        }
        let default = match default {
            Some(default) => default,
            None => self.unhandled(subject, span)?,
        };
        values.push(default);
        self.chain_of(conditions, values, span)
    }

    /// A value that is compared with computed ones, or with those of several types.
    fn compared(&mut self, subject: Typed, arms: &[PhpArm], span: Span) -> Result<Typed> {
        let simple = is_simple(&subject.code);
        let held = self.fresh("subject");
        let (value, bind) = if simple {
            (subject.staying(), None)
        } else {
            let value = Typed::place(atom(held.clone()), subject.ty.clone());
            (value, Some(Statement::let_(held, subject.into_owned())))
        };
        let chain = self.conditional_arms(arms, &value, span, |translator, php| {
            let with = translator.expression(php)?;
            if with.is_unknown() {
                return Ok(with.code);
            }
            Ok(translator.identical(true, value.clone(), with, php.span)?.code)
        })?;
        let Some(bind) = bind else { return Ok(chain) };
        let block = Block::new(vec![bind, Statement::new(StatementKind::Value(chain.code))]);
        Ok(Typed { code: Expression::Block(block), ..Typed::owned(atom("_"), chain.ty) })
    }

    /// `if a { x } else if b { y } else { z }`; there is one value more than there are conditions.
    fn chain_of(&mut self, conditions: Vec<Expression>, values: Vec<Typed>, span: Span) -> Result<Typed> {
        let (mut values, ty, form) = self.of_one_type(values, span)?;
        let Some(mut code) = values.pop() else { return Ok(Typed::unknown()) };
        if conditions.is_empty() {
            return Ok(Typed::new(code, ty, form));
        }
        let mut is_last = true;
        for (condition, value) in conditions.into_iter().zip(values).rev() {
            code = if is_last {
                if_else(condition, Block::of(value), Block::of(code))
            } else {
                Expression::If {
                    condition: Box::new(condition),
                    then: Block::of(value),
                    otherwise: Some(Box::new(code)),
                }
            };
            is_last = false;
        }
        Ok(Typed::new(code, ty, form))
    }
}

fn boolean(php: &Php) -> Option<&'static str> {
    match &php.bare().kind {
        E::Constant(name) if name.eq_ignore_ascii_case("true") => Some("true"),
        E::Constant(name) if name.eq_ignore_ascii_case("false") => Some("false"),
        _ => None,
    }
}
