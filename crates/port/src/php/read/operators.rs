//! Operators, the parser's and ours.

use php_ast as parsed;
use php_ast::{AssignOp, BinaryOp, CastKind, UnaryPrefixOp};

use crate::php::tree::{Binary, Cast, Unary};

/// None for `instanceof`.
pub(super) fn binary(operator: BinaryOp) -> Option<Binary> {
    Some(match operator {
        BinaryOp::Add => Binary::Add,
        BinaryOp::Sub => Binary::Subtract,
        BinaryOp::Mul => Binary::Multiply,
        BinaryOp::Div => Binary::Divide,
        BinaryOp::Mod => Binary::Remainder,
        BinaryOp::Pow => Binary::Power,
        BinaryOp::Concat => Binary::Concat,
        BinaryOp::Equal => Binary::Equal,
        BinaryOp::NotEqual => Binary::NotEqual,
        BinaryOp::Identical => Binary::Identical,
        BinaryOp::NotIdentical => Binary::NotIdentical,
        BinaryOp::Less => Binary::Less,
        BinaryOp::Greater => Binary::Greater,
        BinaryOp::LessOrEqual => Binary::LessOrEqual,
        BinaryOp::GreaterOrEqual => Binary::GreaterOrEqual,
        BinaryOp::Spaceship => Binary::Compare,
        BinaryOp::BooleanAnd | BinaryOp::LogicalAnd => Binary::And,
        BinaryOp::BooleanOr | BinaryOp::LogicalOr => Binary::Or,
        BinaryOp::LogicalXor => Binary::Xor,
        BinaryOp::BitwiseAnd => Binary::BitAnd,
        BinaryOp::BitwiseOr => Binary::BitOr,
        BinaryOp::BitwiseXor => Binary::BitXor,
        BinaryOp::ShiftLeft => Binary::ShiftLeft,
        BinaryOp::ShiftRight => Binary::ShiftRight,
        BinaryOp::Pipe => Binary::Pipe,
        _ => return None,
    })
}

/// The operator before the `=`, if there is one.
pub(super) fn assigned(operator: AssignOp) -> Option<Binary> {
    Some(match operator {
        AssignOp::Plus => Binary::Add,
        AssignOp::Minus => Binary::Subtract,
        AssignOp::Mul => Binary::Multiply,
        AssignOp::Div => Binary::Divide,
        AssignOp::Mod => Binary::Remainder,
        AssignOp::Pow => Binary::Power,
        AssignOp::Concat => Binary::Concat,
        AssignOp::BitwiseAnd => Binary::BitAnd,
        AssignOp::BitwiseOr => Binary::BitOr,
        AssignOp::BitwiseXor => Binary::BitXor,
        AssignOp::ShiftLeft => Binary::ShiftLeft,
        AssignOp::ShiftRight => Binary::ShiftRight,
        AssignOp::Coalesce => Binary::Coalesce,
        _ => return None,
    })
}

/// By how much `++` and `--` step is the error.
pub(super) fn prefix(operator: UnaryPrefixOp) -> Result<Unary, i8> {
    match operator {
        UnaryPrefixOp::Negate => Ok(Unary::Minus),
        UnaryPrefixOp::Plus => Ok(Unary::Plus),
        UnaryPrefixOp::BooleanNot => Ok(Unary::Not),
        UnaryPrefixOp::BitwiseNot => Ok(Unary::BitNot),
        UnaryPrefixOp::PreDecrement => Err(-1),
        _ => Err(1),
    }
}

/// None for `(void)`.
pub(super) fn cast(kind: parsed::CastKind) -> Option<Cast> {
    Some(match kind {
        CastKind::Int => Cast::Integer,
        CastKind::Float => Cast::Float,
        CastKind::String => Cast::Text,
        CastKind::Bool => Cast::Boolean,
        CastKind::Array => Cast::Array,
        CastKind::Object => Cast::Object,
        CastKind::Unset => Cast::Unset,
        _ => return None,
    })
}
