//! Chains: `a.b().c?.d`.

use crate::rust::layout::brackets::{Comma, List};
use crate::rust::layout::kinds;
use crate::rust::layout::laid::{self, Laid};
use crate::rust::layout::printer::Printer;
use crate::rust::layout::space::{STEP, Space};
use crate::rust::tree::Expression;

/// The widest that a chain may be on one line.
const CHAIN: usize = 60;

/// A link with the question marks behind it.
struct Link<'a> {
    kind: LinkKind<'a>,
    tries: usize,
}

enum LinkKind<'a> {
    Root(&'a Expression),
    Method { name: &'a str, arguments: &'a [Expression] },
    Field(&'a str),
}

/// The root with the links behind it.
fn links(expression: &Expression) -> (Link<'_>, Vec<Link<'_>>) {
    let mut links = Vec::new();
    let mut tries = 0;
    let mut node = expression;
    loop {
        match node {
            Expression::Try(inner) => {
                tries += 1;
                node = inner;
                continue;
            }
            Expression::Method { receiver, name, arguments } => {
                links.push(Link { kind: LinkKind::Method { name, arguments }, tries });
                node = receiver;
            }
            Expression::Field { receiver, name } => {
                links.push(Link { kind: LinkKind::Field(name), tries });
                node = receiver;
            }
            root => {
                links.reverse();
                return (Link { kind: LinkKind::Root(root), tries }, links);
            }
        }
        tries = 0;
    }
}

/// What of the chain is laid out.
struct Progress {
    /// The root, with the links that stick to it, and then one link each.
    parts: Vec<Laid>,
    /// The links of the whole chain.
    count: usize,
    on_line: bool,
}

impl Printer {
    pub fn chain(&self, expression: &Expression, space: Space) -> Option<Laid> {
        let (root, links) = links(expression);
        if links.is_empty() {
            return self.link(&root, space);
        }
        let (head, ends_with_block, rest) = self.root(&root, &links, space)?;
        let Some((last, others)) = rest.split_last() else {
            return self.holds(space, &head).then_some(head);
        };
        let below = Space::line(space.indent + if ends_with_block { 0 } else { STEP });
        let mut progress = Progress { parts: vec![head], count: links.len(), on_line: false };
        for link in others {
            progress.parts.push(self.link(link, below)?);
        }
        self.last_link(last, &mut progress, space, below)?;
        if !progress.on_line && self.mode().unbroken_chain {
            return None;
        }
        let mut parts = progress.parts.iter();
        let mut chain = parts.next()?.clone();
        for part in parts {
            if !progress.on_line {
                chain.line(below.indent);
            }
            chain.append(part);
        }
        self.holds(space, &chain).then_some(chain)
    }

    /// The root, and as many links as stick to it, so that a short name does not stand alone on its line.
    fn root<'a, 'b>(&self, root: &Link, links: &'b [Link<'a>], space: Space) -> Option<(Laid, bool, &'b [Link<'a>])> {
        let mut head = self.link(root, space)?;
        let mut ends_with_block = match root.kind {
            LinkKind::Root(root) => kinds::is_block(root, &head),
            _ => false,
        };
        let mut rest = links;
        let step = STEP.saturating_sub(space.offset);
        while let [next, others @ ..] = rest
            && head.len() <= step
            && !head.is_tall()
        {
            let behind = self.behind(space, head.len())?;
            let Some(link) = self.link(next, behind) else {
                break;
            };
            head.append(&link);
            ends_with_block = head.is_extendable();
            rest = others;
        }
        Some((head, ends_with_block, rest))
    }

    /// The last link may go on below when all before it are on the line.
    fn last_link(&self, last: &Link, progress: &mut Progress, space: Space, below: Space) -> Option<()> {
        let head = progress.parts.first()?;
        let extendable = head.is_extendable();
        let before = if extendable {
            head.last_width()
        } else {
            progress.parts.iter().map(|part| laid::width(part.text())).sum()
        } + last.tries;
        let budget = if progress.count == 1 { space.width } else { space.width.min(CHAIN) }.saturating_sub(before);
        let all_on_line = progress.parts.iter().all(|part| !part.is_tall()) && budget > 0;
        let reserved = space.reserved();
        let own = if all_on_line {
            self.less(space, last.tries)?
        } else if extendable {
            self.less(below, last.tries)?
        } else {
            self.less(below, reserved + last.tries)?
        };
        let mut chosen = None;
        if (all_on_line || extendable)
            && let Some(behind) = own.behind(before)
            && let Some(overflowed) = self.link(last, behind)
        {
            let fits = overflowed.first_width() <= budget;
            let lines = overflowed.breaks() + 1;
            if fits && lines >= 5 {
                progress.on_line = all_on_line;
                chosen = Some(overflowed);
            } else {
                chosen = Some(match self.link(last, self.less(below, reserved + last.tries)?) {
                    Some(nested) if !fits || nested.breaks() + 1 < lines => nested,
                    _ => {
                        progress.on_line = fits && all_on_line;
                        overflowed
                    }
                });
            }
        }
        // rustfmt gives up when there is no room for this, even if it has chosen the other.
        let fallback = self.link(last, own)?;
        progress.parts.push(chosen.unwrap_or(fallback));
        Some(())
    }

    fn link(&self, link: &Link, space: Space) -> Option<Laid> {
        let space = self.less(space, link.tries)?;
        let laid = match link.kind {
            LinkKind::Root(root) => (*self.expression(root, space)?).clone(),
            LinkKind::Field(name) => Laid::of(".").with(name),
            LinkKind::Method { name, arguments } => {
                let comma = if self.mode().in_macro { Comma::Never } else { Comma::Tall };
                let head = Laid::of(".").with(name);
                if let Some((_, types)) = name.split_once("::<") {
                    self.less(space, laid::width(types.strip_suffix('>').unwrap_or(types)))?;
                }
                self.list(&List::call(&head, comma), arguments, space)?
            }
        };
        Some(laid.with(&"?".repeat(link.tries)))
    }
}
