//! Expressions.

use php_ast as parsed;
use php_ast::{ArgKind, ArrayElementKind, CallableCreateKind, ExprKind};

use super::operators::{assigned, binary, cast, prefix};
use super::{PATH, Reader, Reading, TooDeep, texts};
use crate::php::tree::{
    Argument, Arm, Binary, Callee, Capture, ClassName, Closure, ClosureBody, Element, Expression, ExpressionKind, Name,
};
use crate::source::Span;

/// Above this many operands, a row of `.`, `&&` or `||` is read as a balanced tree: the meaning is the same, and whoever goes
/// through the tree does not go as deep as the row is long.
const ROW: usize = 100;

type Parsed<'arena, 'src> = parsed::Expr<'arena, 'src>;

impl Reader<'_> {
    pub(super) fn expression(&mut self, expression: &Parsed<'_, '_>) -> Reading<Expression> {
        self.nested(expression.span, |reader| reader.leftmost_first(expression))
    }

    fn boxed(&mut self, expression: &Parsed<'_, '_>) -> Reading<Box<Expression>> {
        self.expression(expression).map(Box::new)
    }

    /// `a->b->c + 1` goes as deep to the left as it is long, without being nested: the leftmost is read first, then what stands
    /// around it, from the inside out.
    fn leftmost_first(&mut self, top: &Parsed<'_, '_>) -> Reading<Expression> {
        if let Some(row) = long_row(top) {
            return self.balanced(&row);
        }
        let Some(mut next) = left_of(top) else {
            return Ok(Expression { span: self.span(top.span), kind: self.alone(top)? });
        };
        let mut around = vec![top];
        while let Some(left) = left_of(next) {
            if starts_row(next) && long_row(next).is_some() {
                break;
            }
            around.push(next);
            next = left;
        }
        let path = self.path;
        self.path += around.len();
        if self.path > PATH {
            return Err(TooDeep(top.span.start as usize));
        }
        let mut read = self.expression(next)?;
        for (depth, node) in around.iter().enumerate().rev() {
            self.path = path + depth;
            read = Expression { span: self.span(node.span), kind: self.with_left(node, read)? };
        }
        Ok(read)
    }

    fn balanced(&mut self, row: &Row<'_, '_, '_>) -> Reading<Expression> {
        let path = self.path;
        self.path += row.operands.len().ilog2() as usize + 1;
        let operands = row.operands.iter().map(|operand| self.expression(operand)).collect::<Reading<Vec<_>>>()?;
        self.path = path;
        let mut level = operands;
        while level.len() > 1 {
            let mut halved = Vec::with_capacity(level.len().div_ceil(2));
            let mut rest = level.into_iter();
            while let Some(left) = rest.next() {
                halved.push(match rest.next() {
                    Some(right) => joined(row.operator, left, right),
                    None => left,
                });
            }
            level = halved;
        }
        Ok(level.remove(0))
    }

    /// An expression whose leftmost part has been read.
    fn with_left(&mut self, expression: &Parsed<'_, '_>, left: Expression) -> Reading<ExpressionKind> {
        let left = Box::new(left);
        Ok(match &expression.kind {
            ExprKind::Binary(node) => match binary(node.op) {
                Some(operator) => ExpressionKind::Binary { operator, left, right: self.boxed(node.right)? },
                None => ExpressionKind::InstanceOf { object: left, class: self.class_name(node.right)? },
            },
            ExprKind::NullCoalesce(node) => {
                ExpressionKind::Binary { operator: Binary::Coalesce, left, right: self.boxed(node.right)? }
            }
            ExprKind::Ternary(node) => ExpressionKind::Ternary {
                condition: left,
                then: node.then_expr.map(|then| self.boxed(then)).transpose()?,
                otherwise: self.boxed(node.else_expr)?,
            },
            ExprKind::UnaryPostfix(node) => ExpressionKind::Step {
                target: left,
                by: if node.op == parsed::UnaryPostfixOp::PostIncrement { 1 } else { -1 },
                before: false,
            },
            ExprKind::ArrayAccess(node) => {
                ExpressionKind::Index { base: left, index: node.index.map(|index| self.boxed(index)).transpose()? }
            }
            ExprKind::PropertyAccess(node) => self.property_of(left, node, false)?,
            ExprKind::NullsafePropertyAccess(node) => self.property_of(left, node, true)?,
            ExprKind::MethodCall(node) => self.method_call(left, node, false)?,
            ExprKind::NullsafeMethodCall(node) => self.method_call(left, node, true)?,
            ExprKind::FunctionCall(node) => {
                ExpressionKind::Call { callee: Callee::Computed(left), arguments: self.arguments(&node.args)? }
            }
            _ => self.static_member(expression, ClassName::Computed(left))?,
        })
    }

    fn property_of(
        &mut self,
        object: Box<Expression>,
        node: &parsed::PropertyAccessExpr<'_, '_>,
        nullsafe: bool,
    ) -> Reading<ExpressionKind> {
        Ok(ExpressionKind::Property { object, name: self.member_name(node.property)?, nullsafe })
    }

    fn method_call(
        &mut self,
        object: Box<Expression>,
        node: &parsed::MethodCallExpr<'_, '_>,
        nullsafe: bool,
    ) -> Reading<ExpressionKind> {
        let name = self.member_name(node.method)?;
        Ok(ExpressionKind::MethodCall { object, name, arguments: self.arguments(&node.args)?, nullsafe })
    }

    /// What stands behind `::`.
    fn static_member(&mut self, expression: &Parsed<'_, '_>, class: ClassName) -> Reading<ExpressionKind> {
        Ok(match &expression.kind {
            ExprKind::StaticPropertyAccess(node) => {
                ExpressionKind::StaticProperty { class, name: self.member_name(node.member)? }
            }
            ExprKind::StaticPropertyAccessDynamic { member, .. } => match &member.kind {
                // `A::$$b`: the property whose name `$b` holds.
                ExprKind::VariableVariable(name) => {
                    ExpressionKind::StaticProperty { class, name: Name::Computed(self.boxed(name)?) }
                }
                _ => ExpressionKind::Other("this static property"),
            },
            ExprKind::ClassConstAccess(node) => match &node.member.kind {
                ExprKind::Identifier(name) => ExpressionKind::ClassConstant { class, name: name.as_str().to_owned() },
                _ => ExpressionKind::Other("a computed constant of a class"),
            },
            ExprKind::StaticMethodCall(node) => {
                let name = self.member_name(node.method)?;
                ExpressionKind::StaticCall { class, name, arguments: self.arguments(&node.args)? }
            }
            ExprKind::StaticMethodCallDynamic(node) => {
                let name = Name::Computed(self.boxed(node.method)?);
                ExpressionKind::StaticCall { class, name, arguments: self.arguments(&node.args)? }
            }
            _ => ExpressionKind::Other("a computed constant of a class"),
        })
    }

    /// An expression with nothing to the left of it.
    fn alone(&mut self, expression: &Parsed<'_, '_>) -> Reading<ExpressionKind> {
        Ok(match &expression.kind {
            ExprKind::Variable(name) => ExpressionKind::Variable(name.as_str().to_owned()),
            ExprKind::Int(value) => ExpressionKind::Integer(*value),
            ExprKind::Float(value) => ExpressionKind::Float(*value),
            ExprKind::String(bytes) => texts::text(bytes.as_bytes()),
            ExprKind::Nowdoc { value, .. } => ExpressionKind::Text((*value).to_owned()),
            ExprKind::InterpolatedString(parts) | ExprKind::Heredoc { parts, .. } => {
                self.interpolated(expression.span, parts)?
            }
            ExprKind::Array(elements) => ExpressionKind::Array(self.elements(elements)?),
            ExprKind::Bool(_) | ExprKind::Null | ExprKind::MagicConst(_) | ExprKind::Name(_) => {
                ExpressionKind::Constant(self.slice(expression.span).to_owned())
            }
            ExprKind::FunctionCall(node) => ExpressionKind::Call {
                callee: Callee::Named(self.slice(node.name.span).to_owned()),
                arguments: self.arguments(&node.args)?,
            },
            ExprKind::New(node) => {
                let class = self.class_name(node.class)?;
                ExpressionKind::New { class, arguments: self.arguments(&node.args)? }
            }
            ExprKind::StaticPropertyAccess(node) | ExprKind::ClassConstAccess(node) => {
                let class = self.class_name(node.class)?;
                self.static_member(expression, class)?
            }
            ExprKind::StaticPropertyAccessDynamic { class, .. } | ExprKind::ClassConstAccessDynamic { class, .. } => {
                let class = self.class_name(class)?;
                self.static_member(expression, class)?
            }
            ExprKind::StaticMethodCall(node) => {
                let class = self.class_name(node.class)?;
                self.static_member(expression, class)?
            }
            ExprKind::StaticMethodCallDynamic(node) => {
                let class = self.class_name(node.class)?;
                self.static_member(expression, class)?
            }
            _ => self.operation(expression)?,
        })
    }

    /// Operators that stand before their operand, and what looks like a call.
    fn operation(&mut self, expression: &Parsed<'_, '_>) -> Reading<ExpressionKind> {
        Ok(match &expression.kind {
            ExprKind::Assign(node) => ExpressionKind::Assign {
                target: self.boxed(node.target)?,
                operator: assigned(node.op),
                value: self.boxed(node.value)?,
                by_reference: node.by_ref,
            },
            ExprKind::UnaryPrefix(node) => {
                let operand = self.boxed(node.operand)?;
                match prefix(node.op) {
                    Ok(operator) => ExpressionKind::Unary { operator, operand },
                    Err(by) => ExpressionKind::Step { target: operand, by, before: true },
                }
            }
            ExprKind::Cast(kind, operand) => match cast(*kind) {
                Some(to) => ExpressionKind::Cast { to, operand: self.boxed(operand)? },
                // `(void) f();` only says that the value is not wanted.
                None => self.expression(operand)?.kind,
            },
            ExprKind::Parenthesized(inner) => ExpressionKind::Parenthesized(self.boxed(inner)?),
            ExprKind::VariableVariable(name) => ExpressionKind::VariableVariable(self.boxed(name)?),
            ExprKind::Isset(values) => ExpressionKind::Isset(self.expressions(values)?),
            ExprKind::Empty(value) => ExpressionKind::Empty(self.boxed(value)?),
            ExprKind::Print(value) => ExpressionKind::Print(self.boxed(value)?),
            ExprKind::Exit(value) => ExpressionKind::Exit(value.map(|value| self.boxed(value)).transpose()?),
            ExprKind::Include(_, path) => ExpressionKind::Include(self.boxed(path)?),
            ExprKind::Clone(value) => ExpressionKind::Clone(self.boxed(value)?),
            ExprKind::Throw(value) => ExpressionKind::Throw(self.boxed(value)?),
            ExprKind::ErrorSuppress(value) => ExpressionKind::Silenced(self.boxed(value)?),
            ExprKind::Yield(node) => self.yielded(node)?,
            ExprKind::Match(node) => self.matched(node)?,
            ExprKind::Closure(node) => self.closure(node)?,
            ExprKind::ArrowFunction(node) => self.arrow(node)?,
            ExprKind::CallableCreate(node) => self.callable(expression.span, &node.kind)?,
            ExprKind::Eval(_) => ExpressionKind::Other("eval"),
            ExprKind::ShellExec(_) => ExpressionKind::Other("a command in backticks"),
            ExprKind::CloneWith(..) => ExpressionKind::Other("clone with other properties"),
            _ => ExpressionKind::Other("this expression"),
        })
    }

    fn yielded(&mut self, node: &parsed::YieldExpr<'_, '_>) -> Reading<ExpressionKind> {
        self.yields = true;
        let key = node.key.map(|key| self.boxed(key)).transpose()?;
        let value = node.value.map(|value| self.boxed(value)).transpose()?;
        Ok(match value {
            Some(value) if node.is_from => ExpressionKind::YieldFrom(value),
            value => ExpressionKind::Yield { key, value },
        })
    }

    fn matched(&mut self, node: &parsed::MatchExpr<'_, '_>) -> Reading<ExpressionKind> {
        let subject = self.boxed(node.subject)?;
        let mut arms = Vec::with_capacity(node.arms.len());
        for arm in node.arms.iter() {
            let conditions = arm.conditions.as_ref().map(|conditions| self.expressions(conditions)).transpose()?;
            arms.push(Arm { span: self.span(arm.span), conditions, value: self.expression(&arm.body)? });
        }
        Ok(ExpressionKind::Match { subject, arms })
    }

    fn closure(&mut self, node: &parsed::ClosureExpr<'_, '_>) -> Reading<ExpressionKind> {
        if node.by_ref {
            return Ok(ExpressionKind::Other("a closure that returns a reference"));
        }
        let capture = |capture: &parsed::ClosureUseVar<'_>| Capture {
            name: capture.name.or_error().to_owned(),
            by_reference: capture.by_ref,
        };
        let parameters = self.parameters(&node.params)?;
        let returns = node.return_type.as_ref().map(|hint| self.hint(hint)).transpose()?;
        let (body, is_generator) = self.generator(|reader| reader.block(node.body))?;
        Ok(ExpressionKind::Closure(Box::new(Closure {
            parameters,
            captures: node.use_vars.iter().map(capture).collect(),
            returns,
            body: ClosureBody::Block(body),
            is_generator,
        })))
    }

    fn arrow(&mut self, node: &parsed::ArrowFunctionExpr<'_, '_>) -> Reading<ExpressionKind> {
        if node.by_ref {
            return Ok(ExpressionKind::Other("a closure that returns a reference"));
        }
        let parameters = self.parameters(&node.params)?;
        let returns = node.return_type.as_ref().map(|hint| self.hint(hint)).transpose()?;
        let (body, is_generator) = self.generator(|reader| reader.expression(node.body))?;
        Ok(ExpressionKind::Closure(Box::new(Closure {
            parameters,
            captures: Vec::new(),
            returns,
            body: ClosureBody::Arrow(body),
            is_generator,
        })))
    }

    /// `f(...)`: as a call without arguments.
    fn callable(&mut self, span: parsed::Span, kind: &CallableCreateKind<'_, '_>) -> Reading<ExpressionKind> {
        let arguments = Vec::new();
        let called = match kind {
            CallableCreateKind::Function(name) => {
                let callee = match &name.kind {
                    ExprKind::Name(_) => Callee::Named(self.slice(name.span).to_owned()),
                    _ => Callee::Computed(self.boxed(name)?),
                };
                ExpressionKind::Call { callee, arguments }
            }
            CallableCreateKind::Method { object, method } => {
                let (object, name) = (self.boxed(object)?, self.member_name(method)?);
                ExpressionKind::MethodCall { object, name, arguments, nullsafe: false }
            }
            CallableCreateKind::StaticMethod { class, method } => {
                let (class, name) = (self.class_name(class)?, self.member_name(method)?);
                ExpressionKind::StaticCall { class, name, arguments }
            }
            _ => return Ok(ExpressionKind::Other("this callable")),
        };
        Ok(ExpressionKind::FirstClassCallable(Box::new(Expression { span: self.span(span), kind: called })))
    }

    fn elements(&mut self, elements: &[parsed::ArrayElement<'_, '_>]) -> Reading<Vec<Element>> {
        let mut read = Vec::with_capacity(elements.len());
        for element in elements {
            let key = self.optional(element.key.as_ref())?;
            let (value, by_reference, spread) = match &element.kind {
                ArrayElementKind::Value(Parsed { kind: ExprKind::Omit, .. }) => (None, false, false),
                ArrayElementKind::Spread(value) => (Some(self.expression(value)?), false, true),
                ArrayElementKind::ByRef(value) => (Some(self.expression(value)?), true, false),
                ArrayElementKind::Value(value) => (Some(self.expression(value)?), false, false),
                _ => (None, false, false),
            };
            read.push(Element { span: self.span(element.span), key, value, by_reference, spread });
        }
        Ok(read)
    }

    fn arguments(&mut self, arguments: &[parsed::Arg<'_, '_>]) -> Reading<Vec<Argument>> {
        let mut read = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let span = self.span(argument.span);
            let value = match argument.value() {
                Some(value) => self.expression(value)?,
                // `f(?)` of PHP 8.6, which the parser refuses for 8.5.
                None => Expression { span, kind: ExpressionKind::Other("an argument that is left open") },
            };
            let name = argument.name.as_ref().map(|name| self.name(name));
            read.push(Argument { span, name, value, spread: matches!(argument.kind, ArgKind::Spread(_)) });
        }
        Ok(read)
    }

    fn member_name(&mut self, name: &Parsed<'_, '_>) -> Reading<Name> {
        Ok(match &name.kind {
            ExprKind::Identifier(name) => Name::Plain(name.as_str().to_owned()),
            _ => Name::Computed(self.boxed(name)?),
        })
    }

    fn class_name(&mut self, class: &Parsed<'_, '_>) -> Reading<ClassName> {
        Ok(match &class.kind {
            ExprKind::Name(_) => ClassName::Named(self.slice(class.span).to_owned()),
            ExprKind::AnonymousClass(_) => ClassName::Anonymous,
            _ => ClassName::Computed(self.boxed(class)?),
        })
    }

    /// `throw …;`
    pub(super) fn throw(&mut self, statement: parsed::Span, thrown: &Parsed<'_, '_>) -> Reading<Expression> {
        let span = Span { end: thrown.span.end as usize, ..self.span(statement) };
        Ok(Expression { span, kind: ExpressionKind::Throw(self.boxed(thrown)?) })
    }
}

/// The part that an expression begins with, if it is an expression.
fn left_of<'a, 'arena, 'src>(expression: &'a Parsed<'arena, 'src>) -> Option<&'a Parsed<'arena, 'src>> {
    let named = |class: &'a Parsed<'arena, 'src>| (!matches!(class.kind, ExprKind::Name(_))).then_some(class);
    match &expression.kind {
        ExprKind::Binary(node) => Some(node.left),
        ExprKind::NullCoalesce(node) => Some(node.left),
        ExprKind::Ternary(node) => Some(node.condition),
        ExprKind::UnaryPostfix(node) => Some(node.operand),
        ExprKind::ArrayAccess(node) => Some(node.array),
        ExprKind::PropertyAccess(node) | ExprKind::NullsafePropertyAccess(node) => Some(node.object),
        ExprKind::MethodCall(node) | ExprKind::NullsafeMethodCall(node) => Some(node.object),
        ExprKind::FunctionCall(node) => named(node.name),
        ExprKind::StaticPropertyAccess(node) | ExprKind::ClassConstAccess(node) => named(node.class),
        ExprKind::StaticPropertyAccessDynamic { class, .. } | ExprKind::ClassConstAccessDynamic { class, .. } => {
            named(class)
        }
        ExprKind::StaticMethodCall(node) => named(node.class),
        ExprKind::StaticMethodCallDynamic(node) => named(node.class),
        _ => None,
    }
}

/// `a . b . c`, the first operand first.
struct Row<'a, 'arena, 'src> {
    operator: Binary,
    operands: Vec<&'a Parsed<'arena, 'src>>,
}

fn starts_row(expression: &Parsed<'_, '_>) -> bool {
    associative(expression).is_some()
}

fn associative<'a, 'arena, 'src>(
    expression: &'a Parsed<'arena, 'src>,
) -> Option<(Binary, &'a parsed::BinaryExpr<'arena, 'src>)> {
    match &expression.kind {
        ExprKind::Binary(node) => match binary(node.op)? {
            operator @ (Binary::Concat | Binary::And | Binary::Or) => Some((operator, node)),
            _ => None,
        },
        _ => None,
    }
}

/// The row that begins here, if it is longer than [`ROW`].
fn long_row<'a, 'arena, 'src>(top: &'a Parsed<'arena, 'src>) -> Option<Row<'a, 'arena, 'src>> {
    let (operator, _) = associative(top)?;
    let same = |expression: &'a Parsed<'arena, 'src>| {
        associative(expression).filter(|(found, _)| *found == operator).map(|(_, node)| node)
    };
    let lefts = std::iter::successors(Some(top), |expression| same(expression).map(|node| node.left));
    if lefts.clone().take(ROW + 1).count() <= ROW {
        return None;
    }
    let mut operands =
        lefts.map(|expression| same(expression).map_or(expression, |node| node.right)).collect::<Vec<_>>();
    operands.reverse();
    Some(Row { operator, operands })
}

fn joined(operator: Binary, left: Expression, right: Expression) -> Expression {
    let span = Span { start: left.span.start, end: right.span.end };
    Expression { span, kind: ExpressionKind::Binary { operator, left: Box::new(left), right: Box::new(right) } }
}
