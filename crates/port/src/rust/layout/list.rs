//! Lists in brackets: arguments, arrays, tuples.

use std::rc::Rc;

use crate::rust::layout::brackets::{Comma, List};
use crate::rust::layout::kinds;
use crate::rust::layout::laid::Laid;
use crate::rust::layout::printer::{Mode, Printer};
use crate::rust::layout::space::{STEP, Space};
use crate::rust::tree::Expression;

/// The widest that the elements of a list may be together on one line.
const LIST: usize = 60;
/// The longest elements that share the lines of a broken list.
const SHORT: usize = 10;

/// How the elements are arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arrangement {
    Line,
    Column,
    /// As many on a line as fit.
    Filled,
    /// Of `println!` and the like: the format on a line of its own behind so many arguments, the others on the next.
    Format(usize),
}

/// The elements, as far as they could be laid out.
type Elements = Vec<Option<Rc<Laid>>>;

/// The spaces of a list.
struct Room {
    line: Space,
    nested: Space,
    /// For the elements, when they are on one line.
    width: usize,
}

impl Printer {
    pub fn list(&self, list: &List, elements: &[Expression], space: Space) -> Option<Laid> {
        let used = extra(list.head, space);
        let line = space.behind(list.head.last_width() + 1).and_then(|line| line.less(1));
        let nested = space.inner();
        let room = Room {
            line: line.unwrap_or(Space { width: 0, ..space }),
            nested: Space { width: nested.width.saturating_sub(1), ..nested },
            width: space.width.saturating_sub(used + 2),
        };
        let mut laid: Elements = elements.iter().map(|element| self.expression(element, room.nested)).collect();
        let arrangement = self.arrange(list, elements, &mut laid, &room);
        let inside = join(&laid, arrangement, list.comma, room.nested)?;
        Some(enclose(list, &inside, arrangement == Arrangement::Line, space))
    }

    /// Tries to let the last element begin on the line of the others and go on below. If that looks bad, each has a line.
    fn arrange(&self, list: &List, elements: &[Expression], laid: &mut Elements, room: &Room) -> Arrangement {
        let Some(last) = elements.last() else {
            return Arrangement::Line;
        };
        let end = elements.len() - 1;
        let single = elements.len() == 1;
        let combined = single && list.head.len() < STEP;
        let overflows = combined || kinds::may_overflow(last, elements.len());
        let overflowed = if overflows { self.overflowed(list, elements, laid, combined, room) } else { None };
        if let Some(overflowed) = &overflowed {
            laid[end] = Some(Rc::new(Laid::of(overflowed.first_line())));
        }
        let tries = arrangement(laid, LIST.min(room.width));
        if let (true, Arrangement::Line, Some(overflowed)) = (overflows, tries, overflowed) {
            let nested = (single && overflowed.breaks() == 1).then(|| self.expression(last, room.nested)).flatten();
            laid[end] = Some(nested.filter(|nested| !nested.is_tall()).unwrap_or(overflowed));
            return Arrangement::Line;
        }
        laid[end] = self.expression(last, room.nested);
        let fits = |only: &Laid| !only.is_tall() && only.first_width() <= room.width;
        if single && room.width != 0 && laid[0].as_ref().is_some_and(|only| fits(only)) {
            return Arrangement::Line;
        }
        match arrangement(laid, LIST.min(room.width)) {
            Arrangement::Column => column(list, elements, laid, room),
            other => other,
        }
    }

    /// The last element in what is left of the line, and as many lines as it wants.
    fn overflowed(
        &self,
        list: &List,
        elements: &[Expression],
        laid: &Elements,
        combined: bool,
        room: &Room,
    ) -> Option<Rc<Laid>> {
        let (last, others) = elements.split_last()?;
        let space = if others.is_empty() && !kinds::is_nested_call(last) {
            room.line
        } else {
            let before = laid[..others.len()].iter().map(|one| 2 + one.as_ref().map_or(0, |one| one.len())).sum();
            Space { width: room.line.width.min(LIST), ..room.line }.behind(before)?
        };
        let outer = self.mode();
        let unbroken_chain = outer.unbroken_chain || (!combined && kinds::is_method_call(last));
        self.within(Mode { unbroken_chain, ..outer }, || {
            if list.of_macro { self.expression(last, space) } else { self.last_argument(last, others, space) }
        })
    }

    fn last_argument(&self, last: &Expression, others: &[Expression], space: Space) -> Option<Rc<Laid>> {
        match last {
            Expression::Closure { moves, parameters, returns, body } => {
                if others.iter().any(|other| matches!(other, Expression::Closure { .. })) {
                    return None;
                }
                let head = self.closure_head(*moves, parameters, returns.as_deref(), space)?;
                self.last_closure(last, &head, returns.is_some(), body, space)
            }
            Expression::If { .. }
            | Expression::For { .. }
            | Expression::Loop { .. }
            | Expression::While { .. }
            | Expression::Match { .. } => {
                let tall_condition = self.condition_of(last, space).is_some_and(|condition| condition.is_tall());
                if tall_condition { None } else { self.expression(last, space) }
            }
            other => self.expression(other, space),
        }
    }
}

fn arrangement(laid: &Elements, limit: usize) -> Arrangement {
    let widths: usize = laid.iter().flatten().map(|one| crate::rust::layout::laid::width(one.text())).sum();
    let total = widths + 2 * laid.len().saturating_sub(1);
    let tall = laid.iter().flatten().any(|one| one.is_tall());
    if total <= limit && !tall { Arrangement::Line } else { Arrangement::Column }
}

fn column(list: &List, elements: &[Expression], laid: &Elements, room: &Room) -> Arrangement {
    if list.of_macro
        && let Some(before) = arguments_before_format(list.head.text())
    {
        let simple = |some: &[Expression]| some.iter().all(kinds::is_simple);
        let on_line = |some: &[Option<Rc<Laid>>]| arrangement(&some.to_vec(), room.nested.width) == Arrangement::Line;
        let one_line = elements.len() > before
            && simple(&elements[..before])
            && simple(&elements[before + 1..])
            && on_line(&laid[..before])
            && on_line(&laid[before + 1..]);
        return if one_line { Arrangement::Format(before) } else { Arrangement::Column };
    }
    let short = laid.iter().all(|one| one.as_ref().map_or(0, |one| one.len()) <= SHORT);
    if short && elements.iter().all(kinds::is_simple) { Arrangement::Filled } else { Arrangement::Column }
}

fn arguments_before_format(name: &str) -> Option<usize> {
    match name {
        "eprint!" | "eprintln!" | "format!" | "format_args!" | "print!" | "println!" | "panic!" | "unreachable!" => {
            Some(0)
        }
        "trace!" | "debug!" | "error!" | "info!" | "warn!" => Some(0),
        "assert!" | "debug_assert!" | "write!" | "writeln!" => Some(1),
        "assert_eq!" | "assert_ne!" | "debug_assert_eq!" | "debug_assert_ne!" => Some(2),
        _ => None,
    }
}

fn join(laid: &Elements, arrangement: Arrangement, comma: Comma, nested: Space) -> Option<Laid> {
    let mut joined = Laid::default();
    let mut on_line = 0;
    for (at, element) in laid.iter().enumerate() {
        let element = element.as_ref()?;
        let last = at + 1 == laid.len();
        let broken = match arrangement {
            _ if at == 0 => None,
            Arrangement::Line => Some(false),
            Arrangement::Column => Some(true),
            Arrangement::Format(before) => Some(at >= before && at <= before + 1),
            Arrangement::Filled => Some(on_line + 1 + element.first_width() + 1 > nested.width),
        };
        match broken {
            Some(true) => {
                joined.line(nested.indent);
                on_line = 0;
            }
            Some(false) => {
                joined.push(" ");
                on_line += 1;
            }
            None => {}
        }
        on_line += element.first_width() + 1;
        joined.append(element);
        let trailing = match comma {
            Comma::Always => true,
            Comma::Tall => matches!(arrangement, Arrangement::Column | Arrangement::Filled),
            Comma::Never => false,
        };
        if !last || trailing {
            joined.push(",");
        }
    }
    Some(joined)
}

fn enclose(list: &List, inside: &Laid, on_line: bool, space: Space) -> Laid {
    let width = space.width.saturating_sub(list.head.last_width());
    let taken = if inside.is_empty() { 2 } else { inside.first_width() + 1 };
    let mut enclosed = list.head.clone().with(list.brackets.0);
    if on_line && taken <= width {
        enclosed.append(inside);
    } else {
        if !inside.is_empty() {
            enclosed.line(space.indent + STEP);
            enclosed.append(inside);
        }
        enclosed.line(space.indent);
    }
    enclosed.with(list.brackets.1)
}

/// The width of the last line, less what is counted already.
pub fn extra(head: &Laid, space: Space) -> usize {
    if head.is_tall() { head.last_line().len().saturating_sub(space.used()) } else { head.len() }
}
