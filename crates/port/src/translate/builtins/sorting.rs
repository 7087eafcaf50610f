//! Functions that sort an array where it is.

use crate::php::tree::{Binary, Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, call};
use crate::rust::tree::Statement;
use crate::translate::Translator;
use crate::translate::builtins::Call;
use crate::translate::builtins::callbacks::Callback;
use crate::translate::cannot::Result;
use crate::translate::types::Type;

impl Translator<'_> {
    pub(super) fn sorting(&mut self, of: &Call<'_>) -> Result<Option<Vec<Statement>>> {
        match of.name {
            "usort" | "uasort" | "uksort" => self.sorted_by(of).map(Some),
            "natsort" => self.sorted_with("asort", "Natural", of).map(Some),
            "natcasesort" => self.sorted_with("asort", "NaturalIgnoringCase", of).map(Some),
            "sort" | "rsort" | "asort" | "arsort" | "ksort" | "krsort" if of.arguments.len() == 2 => {
                match order(of.argument(1)?) {
                    Some("Regular") => Ok(None),
                    Some(order) => self.sorted_with(of.name, order, of).map(Some),
                    None => Err(of.cannot("name the order by its constant")),
                }
            }
            _ => Ok(None),
        }
    }

    fn sorted_with(&mut self, name: &str, order: &str, of: &Call<'_>) -> Result<Vec<Statement>> {
        let Some(place) = self.changed_array(of.argument(0)?)? else { return Ok(vec![]) };
        let path = self.php(&format!("{name}_with"));
        let code = self.try_(of.span, call(&path, vec![place, atom(format!("php::Sort::{order}"))]))?;
        Ok(vec![Statement::expression(code)])
    }

    fn sorted_by(&mut self, of: &Call<'_>) -> Result<Vec<Statement>> {
        let place = self.changed_array(of.argument(0)?)?;
        let Callback { code, returns, fails } = self.callback(of.argument(1)?, &[Type::Json, Type::Json])?;
        let Some(place) = place.filter(|_| returns != Type::Unknown) else { return Ok(vec![]) };
        let path = self.php(&if fails { format!("try_{}", of.name) } else { of.name.to_owned() });
        let code = self.try_(of.span, call(&path, vec![place, code]))?;
        Ok(vec![Statement::expression(code)])
    }
}

/// The order that a flag stands for.
fn order(php: &Php) -> Option<&'static str> {
    match &php.bare().kind {
        E::Constant(name) => match name.trim_start_matches('\\') {
            "SORT_REGULAR" => Some("Regular"),
            "SORT_NUMERIC" => Some("Numeric"),
            "SORT_STRING" => Some("Text"),
            "SORT_NATURAL" => Some("Natural"),
            _ => None,
        },
        E::Binary { operator: Binary::BitOr, left, right } => {
            let is_case = |php: &Php| matches!(&php.bare().kind, E::Constant(name) if name.trim_start_matches('\\') == "SORT_FLAG_CASE");
            match (order(left), order(right), is_case(left) || is_case(right)) {
                (Some("Text"), _, true) | (_, Some("Text"), true) => Some("TextIgnoringCase"),
                (Some("Natural"), _, true) | (_, Some("Natural"), true) => Some("NaturalIgnoringCase"),
                _ => None,
            }
        }
        _ => None,
    }
}
