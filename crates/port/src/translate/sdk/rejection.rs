//! What a promise was rejected with: PHP looks at its class, and takes the answer out of it.

use crate::php::tree::{
    Block as PhpBlock, ClassName, Expression as Php, ExpressionKind as E, Name, StatementKind as S,
};
use crate::rust::build::{atom, method, reference};
use crate::rust::tree::{Expression, Statement};
use crate::translate::Translator;
use crate::translate::cannot::Result;
use crate::translate::types::Type;
use crate::translate::value::Form;

impl Translator<'_> {
    /// `if ($e instanceof RejectionException) { $e = $e->getReason(); }` and `if ($e instanceof ResponseInterface) { … }` in a
    /// callback for errors. None for anything else.
    pub(in crate::translate) fn rejection(
        &mut self,
        branches: &[(Php, PhpBlock)],
        otherwise: Option<&PhpBlock>,
    ) -> Result<Option<Vec<Statement>>> {
        let [(condition, body)] = branches else { return Ok(None) };
        let E::InstanceOf { object, class: ClassName::Named(class) } = &condition.bare().kind else { return Ok(None) };
        let E::Variable(name) = &object.bare().kind else { return Ok(None) };
        let is_error = self.learn_of(name).is_some_and(|learnt| learnt.ty == Type::ClientError);
        if !is_error {
            return Ok(None);
        }
        match self.program.class_name(class).as_str() {
            // The error itself has the answer.
            "GuzzleHttp\\Promise\\RejectionException" if otherwise.is_none() && takes_reason(body, name) => {
                self.answered.push(body.span);
                Ok(Some(vec![]))
            }
            "Psr\\Http\\Message\\ResponseInterface" => self
                .rejected_answer(name, condition, body, otherwise)
                .map(|code| Some(vec![Statement::expression(code)])),
            _ => Ok(None),
        }
    }

    /// `if let Error::Apiv2(failed) = &e { … }`: only answers of APIv2 are what a promise is rejected with.
    fn rejected_answer(
        &mut self,
        name: &str,
        condition: &Php,
        body: &PhpBlock,
        otherwise: Option<&PhpBlock>,
    ) -> Result<Expression> {
        let error = self.variable(name, condition.span)?;
        let rust = self.find_variable(name).map(|(_, variable)| variable.name).unwrap_or_default();
        let failed = self.fresh("failed");
        self.import("wechatpay::Error");
        let value = if error.form == Form::Reference { error.code } else { reference(error.code) };
        let mut then = self.with_narrowed(name, Type::Response, |translator| translator.block(body));
        let response = method(atom(failed.clone()), "response", vec![]);
        then.statements.insert(0, Statement::let_(rust, response));
        let otherwise = otherwise.map(|block| Box::new(Expression::Block(self.block(block))));
        let condition = Expression::Let { pattern: format!("Error::Apiv2({failed})"), value: Box::new(value) };
        Ok(Expression::If { condition: Box::new(condition), then, otherwise })
    }
}

/// `$e = $e->getReason();` and nothing else.
fn takes_reason(body: &PhpBlock, name: &str) -> bool {
    let is_variable = |php: &Php| matches!(&php.bare().kind, E::Variable(variable) if variable == name);
    let [only] = body.statements.as_slice() else { return false };
    let S::Expression(expression) = &only.kind else { return false };
    match &expression.kind {
        E::Assign { target, operator: None, value, .. } if is_variable(target) => match &value.bare().kind {
            E::MethodCall { object, name: Name::Plain(method), .. } => {
                is_variable(object) && method.eq_ignore_ascii_case("getReason")
            }
            _ => false,
        },
        _ => false,
    }
}
