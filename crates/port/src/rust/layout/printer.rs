//! Expressions: what is laid out by which rule.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::rust::layout::brackets::{Comma, List};
use crate::rust::layout::empty::Empty;
use crate::rust::layout::laid::{self, Laid};
use crate::rust::layout::literal;
use crate::rust::layout::space::{COLUMNS, Space};
use crate::rust::tree::{Expression, Json};

/// What surrounds a piece of code, and changes its layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Mode {
    /// Inside a macro rustfmt neither adds nor removes braces and commas.
    pub in_macro: bool,
    /// A chain must not be broken into lines.
    pub unbroken_chain: bool,
    /// Nothing fits, and so the width is not looked at any more.
    pub lenient: bool,
}

/// An expression, by its place in memory, and where it is tried.
type Trial = (usize, Space, Mode);

/// An expression is laid out in different spaces, and the best is chosen. What was tried is remembered, as pieces are
/// tried again with each expression around them.
#[derive(Debug, Default)]
pub struct Printer {
    tried: RefCell<HashMap<Trial, Option<Rc<Laid>>>>,
    /// Blocks, and values in braces, whose layout depends on nothing but the indentation.
    braced: RefCell<HashMap<(usize, usize, Empty), Rc<Laid>>>,
    mode: Cell<Mode>,
    /// `json!` that must be broken into lines.
    pub tall_json: RefCell<HashSet<usize>>,
    /// How wide an expression is at least on one line.
    pub least_known: RefCell<HashMap<usize, usize>>,
    /// Whether there is a comment in a block.
    pub commented: RefCell<HashMap<usize, bool>>,
}

impl Printer {
    pub fn mode(&self) -> Mode {
        self.mode.get()
    }

    /// Does the work in another mode.
    pub fn within<T>(&self, mode: Mode, work: impl FnOnce() -> T) -> T {
        let outer = self.mode.replace(mode);
        let done = work();
        self.mode.set(outer);
        done
    }

    pub fn forget(&self) {
        self.tried.borrow_mut().clear();
        self.braced.borrow_mut().clear();
    }

    /// The layout of what stands there in memory, at that indentation.
    pub fn braced_once(&self, place: usize, indent: usize, empty: Empty, layout: impl FnOnce() -> Laid) -> Rc<Laid> {
        let key = (place, indent, empty);
        if let Some(known) = self.braced.borrow().get(&key) {
            return Rc::clone(known);
        }
        let laid = Rc::new(layout());
        self.braced.borrow_mut().insert(key, Rc::clone(&laid));
        laid
    }

    pub fn less(&self, space: Space, columns: usize) -> Option<Space> {
        match space.less(columns) {
            None if self.mode().lenient => Some(Space { width: 0, ..space }),
            less => less,
        }
    }

    pub fn behind(&self, space: Space, columns: usize) -> Option<Space> {
        match space.behind(columns) {
            // The place does not matter any more, and so there are fewer to try.
            None if self.mode().lenient => Some(Space { width: 0, offset: COLUMNS, ..space }),
            behind => behind,
        }
    }

    pub fn holds(&self, space: Space, code: &Laid) -> bool {
        self.mode().lenient || space.holds(code)
    }

    /// None when it does not fit.
    pub fn expression(&self, expression: &Expression, space: Space) -> Option<Rc<Laid>> {
        let key = (std::ptr::from_ref(expression) as usize, space, self.mode());
        if let Some(tried) = self.tried.borrow().get(&key) {
            return tried.clone();
        }
        let laid = self.any(expression, space).map(Rc::new);
        self.tried.borrow_mut().insert(key, laid.clone());
        laid
    }

    /// Does nothing itself, so that it takes little of the stack: all nesting goes through here.
    fn any(&self, expression: &Expression, space: Space) -> Option<Laid> {
        match expression {
            Expression::Json(json) => Some(self.json(json, space)),
            Expression::Call { callee, arguments } => self.call(callee, arguments, space),
            Expression::Method { .. } | Expression::Field { .. } | Expression::Try(_) => self.chain(expression, space),
            Expression::Index { base, index } => self.index(base, index, space),
            Expression::Macro { name, arguments } => self.macro_call(name, arguments, space),
            Expression::Array(elements) => self.array(elements, space),
            Expression::Tuple(elements) => self.tuple(elements, space),
            Expression::Paren(inner) => self.paren(inner, space),
            Expression::Struct { path, fields, base } => self.literal(path, fields, base.as_deref(), space),
            Expression::Closure { .. } => self.any_closure(expression, space),
            Expression::Block(block) => self.block(block, space).map(own),
            Expression::Match { subject, arms } => self.arms(subject, arms, space),
            Expression::Return(Some(value)) => self.prefixed("return ", value, space),
            Expression::Break { label, value: Some(value) } => self.break_with(label.as_deref(), value, space),
            Expression::If { .. } | Expression::While { .. } | Expression::Loop { .. } | Expression::For { .. } => {
                self.control(expression, true, space)
            }
            Expression::Unary { operator, operand } => self.prefixed(operator, operand, space),
            Expression::Binary { .. }
            | Expression::Cast { .. }
            | Expression::Range { .. }
            | Expression::Assign { .. }
            | Expression::Let { .. } => self.operator(expression, space),
            leaf => self.leaf(leaf, space),
        }
    }

    fn leaf(&self, expression: &Expression, space: Space) -> Option<Laid> {
        match expression {
            Expression::Atom(atom) => {
                let fits = laid::width(atom) <= space.width || self.mode().lenient;
                fits.then(|| Laid::of(atom))
            }
            // rustfmt takes these as they are, however wide.
            Expression::Text(text) | Expression::Format(text) => Some(Laid::of(&literal::text(text))),
            Expression::Verbatim(code) => Some(Laid::of(code)),
            Expression::Return(_) => Some(Laid::of("return")),
            Expression::Break { label, .. } => Some(jump("break", label.as_deref())),
            Expression::Continue { label } => Some(jump("continue", label.as_deref())),
            _ => None,
        }
    }

    fn call(&self, callee: &Expression, arguments: &[Expression], space: Space) -> Option<Laid> {
        let callee = self.expression(callee, space)?;
        self.list(&List::call(&callee, self.comma()), arguments, space)
    }

    fn array(&self, elements: &[Expression], space: Space) -> Option<Laid> {
        self.list(&List::array(&Laid::default(), self.comma()), elements, space)
    }

    fn tuple(&self, elements: &[Expression], space: Space) -> Option<Laid> {
        let comma = if elements.len() == 1 { Comma::Always } else { self.comma() };
        self.list(&List::call(&Laid::default(), comma), elements, space)
    }

    fn paren(&self, inner: &Expression, space: Space) -> Option<Laid> {
        let inner = self.expression(inner, self.less(self.behind(space, 1)?, 1)?)?;
        Some(Laid::of("(").then(&inner).with(")"))
    }

    fn break_with(&self, label: Option<&str>, value: &Expression, space: Space) -> Option<Laid> {
        self.prefixed(jump("break", label).with(" ").text(), value, space)
    }

    /// Whether a list has a comma behind its last element, where rustfmt leaves that to us.
    fn comma(&self) -> Comma {
        if self.mode().in_macro { Comma::Never } else { Comma::Tall }
    }

    fn macro_call(&self, name: &str, arguments: &[Expression], space: Space) -> Option<Laid> {
        let head = Laid::of(name).with("!");
        let brackets = name == "vec";
        if arguments.is_empty() {
            return Some(head.with(if brackets { "[]" } else { "()" }));
        }
        let outer = self.mode();
        if brackets {
            return self.list(&List::array(&head, self.comma()).of_macro(), arguments, space);
        }
        self.within(Mode { in_macro: true, ..outer }, || {
            self.list(&List::call(&head, Comma::Never).of_macro(), arguments, space)
        })
    }

    pub fn prefixed(&self, prefix: &str, operand: &Expression, space: Space) -> Option<Laid> {
        let operand = self.expression(operand, self.behind(space, prefix.len())?)?;
        Some(Laid::of(prefix).then(&operand))
    }

    /// Whether a `json!` must be broken, by its place in memory.
    pub fn is_tall(&self, json: &Json) -> bool {
        self.tall_json.borrow().contains(&(std::ptr::from_ref(json) as usize))
    }
}

pub fn own(laid: Rc<Laid>) -> Laid {
    Rc::try_unwrap(laid).unwrap_or_else(|shared| (*shared).clone())
}

fn jump(keyword: &str, label: Option<&str>) -> Laid {
    let mut jump = Laid::of(keyword);
    if let Some(label) = label {
        jump.push(" ");
        jump.push(label);
    }
    jump
}
