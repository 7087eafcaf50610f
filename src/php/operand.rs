//! What the functions take: anything that PHP has a value for.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::digits;

/// What PHP has a value for: a [`Value`] or a type of Rust, by value or by reference.
///
/// `()` and `None` are PHP's `null`. A float that is infinite or not a number, which JSON does not have, is its text: `INF`,
/// `-INF` or `NAN`.
///
/// ```
/// use wechatpay::{json, php};
///
/// let order = json!({ "total": "100" });
/// assert!(php::equals(&order["total"], 100));
/// assert!(php::equals("1e2", 100.0));
/// assert!(php::equals((), None::<i64>));
/// ```
pub trait Operand {
    /// The value.
    fn operand(&self) -> Cow<'_, Value>;
}

impl<T: Operand + ?Sized> Operand for &T {
    fn operand(&self) -> Cow<'_, Value> {
        (**self).operand()
    }
}

impl<T: Operand + ?Sized> Operand for &mut T {
    fn operand(&self) -> Cow<'_, Value> {
        (**self).operand()
    }
}

impl<T: Operand + ?Sized> Operand for Box<T> {
    fn operand(&self) -> Cow<'_, Value> {
        (**self).operand()
    }
}

impl<T: Operand + ToOwned + ?Sized> Operand for Cow<'_, T> {
    fn operand(&self) -> Cow<'_, Value> {
        (**self).operand()
    }
}

impl Operand for Value {
    fn operand(&self) -> Cow<'_, Value> {
        Cow::Borrowed(self)
    }
}

impl Operand for () {
    fn operand(&self) -> Cow<'_, Value> {
        Cow::Owned(Value::Null)
    }
}

impl Operand for f64 {
    fn operand(&self) -> Cow<'_, Value> {
        Cow::Owned(if self.is_finite() { Value::from(*self) } else { Value::from(digits::text(*self)) })
    }
}

/// As `<=>` gives it: -1, 0 or 1.
impl Operand for Ordering {
    fn operand(&self) -> Cow<'_, Value> {
        Cow::Owned(Value::from(*self as i64))
    }
}

impl<T: Operand> Operand for Option<T> {
    fn operand(&self) -> Cow<'_, Value> {
        self.as_ref().map_or(Cow::Owned(Value::Null), T::operand)
    }
}

impl<T: Operand> Operand for [T] {
    fn operand(&self) -> Cow<'_, Value> {
        Cow::Owned(self.iter().map(|value| value.operand().into_owned()).collect())
    }
}

impl<T: Operand, const N: usize> Operand for [T; N] {
    fn operand(&self) -> Cow<'_, Value> {
        Cow::Owned(self.iter().map(|value| value.operand().into_owned()).collect())
    }
}

impl<T: Operand> Operand for Vec<T> {
    fn operand(&self) -> Cow<'_, Value> {
        Cow::Owned(self.iter().map(|value| value.operand().into_owned()).collect())
    }
}

impl Operand for Map<String, Value> {
    fn operand(&self) -> Cow<'_, Value> {
        Cow::Owned(Value::Object(self.clone()))
    }
}

macro_rules! operands {
    ($($type:ty),* $(,)?) => { $(
        impl Operand for $type {
            fn operand(&self) -> Cow<'_, Value> {
                Cow::Owned(Value::from(self.to_owned()))
            }
        }
    )* };
}

operands!(str, String, bool, i8, i16, i32, i64, isize, u8, u16, u32, u64, usize);
