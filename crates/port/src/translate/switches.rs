//! `switch`: a `match` where the cases are literals.

use crate::php::tree::{Case, Expression as Php, ExpressionKind as E, Statement as PhpStatement, StatementKind as S};
use crate::rust::build::method;
use crate::rust::tree::{Arm, Block, Expression, Lead, Statement};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::comments::Style;
use crate::translate::literals::{is_no_number, literal_pattern};
use crate::translate::plan::leaves;
use crate::translate::scope::Loop;
use crate::translate::types::Type;

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
        let is_true = matches!(&value.code, Expression::Atom(text) if text == "true");
        let literals =
            cases.iter().filter_map(|case| case.value.as_ref()).all(|value| literal_pattern(value).is_some());
        let simple = !is_true && literals && matches!(value.ty, Type::Text | Type::Integer | Type::Json);
        if !simple {
            return Err(Cannot::new(
                span,
                "a switch over what is no text or number, or whose cases are computed: use if and elseif",
            ));
        }
        let arms = self.switch_arms(cases, &value.ty, span)?;
        let subject = match value.ty {
            Type::Text => self.as_subject(value),
            Type::Json => {
                let is_number =
                    cases.iter().any(|case| matches!(case.value.as_ref().map(|v| &v.bare().kind), Some(E::Integer(_))));
                if is_number { method(value.code, "as_i64", vec![]) } else { method(value.code, "as_str", vec![]) }
            }
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
                Some(php) => patterns.extend(self.case_pattern(php, subject)?),
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

    fn case_pattern(&mut self, php: &Php, subject: &Type) -> Result<Option<String>> {
        let Some(pattern) = literal_pattern(php) else { return Ok(None) };
        let is_text = pattern.starts_with('"');
        match subject {
            Type::Json => {
                if let E::Text(text) = &php.bare().kind
                    && !is_no_number(text)
                {
                    return Err(Cannot::new(php.span, "PHP compares this case as a number: use if with ==="));
                }
                Ok(Some(format!("Some({pattern})")))
            }
            Type::Text if is_text => match &php.bare().kind {
                E::Text(text) if is_no_number(text) => Ok(Some(pattern)),
                _ => Err(Cannot::new(php.span, "PHP compares this case as a number: use if with ===")),
            },
            Type::Integer if !is_text => Ok(Some(pattern)),
            _ => Err(Cannot::new(php.span, "the case is of another type than what is compared: use if with ===")),
        }
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
