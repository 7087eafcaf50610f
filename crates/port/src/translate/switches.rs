//! `switch`: a `match` where the cases are literals.

use crate::php::tree::{
    Binary, Case, Expression as Php, ExpressionKind as E, Statement as PhpStatement, StatementKind as S,
};
use crate::rust::build::{atom, binary, method};
use crate::rust::shapes::is_simple;
use crate::rust::tree::{Arm, Block, Expression, Lead, Statement};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::comments::Style;
use crate::translate::literals::{is_no_number, literal_pattern};
use crate::translate::plan::leaves;
use crate::translate::scope::Loop;
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    pub(super) fn switch(&mut self, subject: &Php, cases: &[Case], span: Span) -> Result<Vec<Statement>> {
        let value = self.expression(subject)?;
        if value.is_unknown() {
            self.scope().loops.push(Loop { span, label: None, is_switch: true, label_is_used: false, step: vec![] });
            for case in cases {
                let _ = self.statements(&case.body);
            }
            self.scope().loops.pop();
            return Ok(vec![]);
        }
        let has_pattern = |php: &Php| case_pattern(php, &value.ty).is_some();
        if !cases.iter().filter_map(|case| case.value.as_ref()).all(has_pattern) {
            return self.switch_by_if(value, cases, span);
        }
        let arms = self.switch_arms(cases, &value.ty, span)?;
        let subject = match value.ty {
            Type::Text => self.as_subject(value),
            Type::Json => method(value.code, "as_str", vec![]),
            _ => value.operand(),
        };
        Ok(vec![Statement::expression(Expression::Match { subject: Box::new(subject), arms })])
    }

    fn switch_arms(&mut self, cases: &[Case], subject: &Type, span: Span) -> Result<Vec<Arm>> {
        let mut arms = Vec::new();
        let mut patterns: Vec<String> = Vec::new();
        let mut has_default = false;
        for (number, case) in cases.iter().enumerate() {
            let lead = self.comments.lead(case.span.start, Style::Plain);
            match &case.value {
                Some(php) => patterns.extend(case_pattern(php, subject)),
                None => {
                    has_default = true;
                    if number + 1 != cases.len() || !patterns.is_empty() {
                        patterns.clear();
                    }
                    if number + 1 != cases.len() {
                        return Err(Cannot::new(case.span, "default in the middle of a switch: write it last"));
                    }
                }
            }
            if case.body.is_empty() && number + 1 != cases.len() {
                continue;
            }
            let is_last = number + 1 == cases.len();
            let body = self.case_body(case, is_last, span)?;
            let pattern = if case.value.is_none() { "_".to_owned() } else { patterns.join(" | ") };
            patterns.clear();
            arms.push(Arm {
                lead: Lead { origin: lead.origin, ..lead },
                pattern,
                guard: None,
                body: Expression::Block(body),
            });
        }
        if !has_default {
            arms.push(Arm {
                lead: Lead::default(),
                pattern: "_".to_owned(),
                guard: None,
                body: Expression::Block(Block::default()),
            });
        }
        Ok(arms)
    }

    /// Cases that are no patterns: they are compared one after the other, as PHP does.
    fn switch_by_if(&mut self, value: Typed, cases: &[Case], span: Span) -> Result<Vec<Statement>> {
        let mut statements = Vec::new();
        let subject = if is_simple(&value.code) {
            value.staying()
        } else {
            let (name, ty) = (self.fresh("subject"), value.ty.clone());
            statements.push(Statement::let_(name.clone(), value.into_owned()));
            Typed::place(atom(name), ty)
        };
        let mut branches: Vec<(Option<Expression>, Block)> = Vec::new();
        let mut any: Option<Expression> = None;
        for (number, case) in cases.iter().enumerate() {
            let is_last = number + 1 == cases.len();
            match &case.value {
                Some(php) => {
                    let (first, one) = self.conditionally(|translator| translator.case_condition(&subject, php))?;
                    if !first.is_empty() {
                        return Err(Cannot::new(php.span, "a case that assigns: use if and elseif"));
                    }
                    any = Some(match any {
                        None => one,
                        Some(before) => binary("||", before, one),
                    });
                }
                None if !is_last => {
                    return Err(Cannot::new(case.span, "default in the middle of a switch: write it last"));
                }
                None => any = None,
            }
            if case.body.is_empty() && !is_last {
                continue;
            }
            let comments =
                self.comments.lines_before(case.body.first().map_or(case.span.end, |first| first.span.start));
            let mut body = self.case_body(case, is_last, span)?;
            match body.statements.first_mut() {
                Some(first) => drop(first.lead.comments.splice(0..0, comments)),
                None => drop(body.end.comments.splice(0..0, comments)),
            }
            branches.push((any.take(), body));
        }
        statements.extend(chain(branches).map(Statement::expression));
        Ok(statements)
    }

    /// Whether it is this case: `==`.
    fn case_condition(&mut self, subject: &Typed, php: &Php) -> Result<Expression> {
        let value = self.expression(php)?;
        if value.is_unknown() {
            return Ok(value.code);
        }
        if matches!(&subject.code, Expression::Atom(word) if word == "true") {
            return self.truth(value, php.span);
        }
        Ok(self.operate(Binary::Equal, subject.clone(), value, php.span)?.code)
    }

    fn case_body(&mut self, case: &Case, is_last: bool, span: Span) -> Result<Block> {
        let (body, ends) = match case.body.split_last() {
            Some((last, rest)) if matches!(last.kind, S::Break(0 | 1)) => (rest, true),
            // `{ …; break; }`
            Some((last, [])) if matches!(&last.kind, S::Block(_)) => {
                (case.body.as_slice(), is_last || ends_block(last))
            }
            _ => (case.body.as_slice(), is_last || case.body.iter().any(leaves)),
        };
        if !ends {
            return Err(Cannot::new(case.span, "a case that goes on into the next: repeat what both do"));
        }
        self.scope().loops.push(Loop { span, label: None, is_switch: true, label_is_used: false, step: vec![] });
        self.scope().blocks.push(case.span.start);
        let before = self.scope().variables.clone();
        let statements = self.statements(unblocked(body));
        self.forget_inner(before);
        self.scope().blocks.pop();
        self.scope().loops.pop();
        let comments = self.comments.lines_before(case.span.end);
        Ok(Block { statements, end: Lead { comments, ..Lead::default() } })
    }
}

/// `if a { … } else if b { … } else { … }`; what has no condition comes last.
fn chain(branches: Vec<(Option<Expression>, Block)>) -> Option<Expression> {
    let mut code = None;
    for (condition, then) in branches.into_iter().rev() {
        code = Some(match condition {
            None => Expression::Block(then),
            Some(condition) => Expression::If { condition: Box::new(condition), then, otherwise: code.map(Box::new) },
        });
    }
    code
}

/// The pattern of a case, where PHP compares it with a value of this type as Rust does.
fn case_pattern(php: &Php, subject: &Type) -> Option<String> {
    let pattern = literal_pattern(php)?;
    let is_text = pattern.starts_with('"');
    let is_no_number = matches!(&php.bare().kind, E::Text(text) if is_no_number(text));
    match subject {
        // With a number as a case, a text may be that number; with an empty text, null may be it.
        Type::Json if is_no_number && pattern != "\"\"" => Some(format!("Some({pattern})")),
        Type::Text if is_no_number => Some(pattern),
        Type::Integer if !is_text => Some(pattern),
        _ => None,
    }
}

/// `{ …; break; }` without its braces and its break.
fn unblocked(body: &[PhpStatement]) -> &[PhpStatement] {
    match body {
        [PhpStatement { kind: S::Block(block), .. }] => match block.statements.split_last() {
            Some((last, rest)) if matches!(last.kind, S::Break(0 | 1)) => rest,
            _ => &block.statements,
        },
        body => body,
    }
}

fn ends_block(statement: &PhpStatement) -> bool {
    match &statement.kind {
        S::Block(block) => {
            block.statements.last().is_some_and(|last| matches!(last.kind, S::Break(0 | 1)))
                || block.statements.iter().any(leaves)
        }
        _ => false,
    }
}
