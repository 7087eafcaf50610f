//! The paths of all operations as a tree, in which a path is looked up.

use crate::operation::Operation;
use crate::spelling::{Segment, without_capitals};

/// A tree of the templates' segments.
#[derive(Debug)]
pub(crate) struct Routes(Node);

#[derive(Debug, Default)]
struct Node {
    /// Ordered by their texts.
    literals: Vec<(&'static str, Node)>,
    variables: Vec<(&'static str, Node)>,
    /// The operations whose templates end here.
    operations: Vec<Operation>,
}

impl Routes {
    /// Those of all operations.
    pub(crate) fn all() -> Routes {
        let mut root = Node::default();
        for operation in Operation::all() {
            let mut node = &mut root;
            for segment in operation.template().split('/') {
                node = match segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                    Some(name) => node.variable_or_new(name),
                    None => node.literal_or_new(segment),
                };
            }
            node.operations.push(operation);
        }
        Routes(root)
    }

    /// The operations of a path, by template: literal segments win over variables, and variables by the same name over
    /// others. Several templates only if what is written does not tell them apart.
    pub(crate) fn operations(&self, path: &[Segment<'_>]) -> Vec<&[Operation]> {
        let mut found = Vec::new();
        self.0.look_up(path, &mut found);
        found
    }
}

impl Node {
    fn literal(&self, text: &str) -> Option<&Node> {
        let at = self.literals.binary_search_by(|(known, _)| (*known).cmp(text)).ok()?;
        self.literals.get(at).map(|(_, node)| node)
    }

    fn literal_or_new(&mut self, text: &'static str) -> &mut Node {
        let at = match self.literals.binary_search_by(|(known, _)| (*known).cmp(text)) {
            Ok(at) => at,
            Err(at) => {
                self.literals.insert(at, (text, Node::default()));
                at
            }
        };
        #[expect(clippy::indexing_slicing, reason = "it was found or inserted there")]
        &mut self.literals[at].1
    }

    fn variable_or_new(&mut self, name: &'static str) -> &mut Node {
        let at = self.variables.iter().position(|(known, _)| *known == name).unwrap_or_else(|| {
            self.variables.push((name, Node::default()));
            self.variables.len().saturating_sub(1)
        });
        #[expect(clippy::indexing_slicing, reason = "it was found or pushed there")]
        &mut self.variables[at].1
    }

    /// Adds the operations of each template that the path may be, the likeliest first. A path is no deeper than a template.
    fn look_up<'a>(&'a self, path: &[Segment<'_>], found: &mut Vec<&'a [Operation]>) {
        let Some((segment, rest)) = path.split_first() else {
            if !self.operations.is_empty() {
                found.push(&self.operations);
            }
            return;
        };
        match segment {
            Segment::Variable(name) => {
                let (same, other): (Vec<_>, Vec<_>) = self.variables.iter().partition(|(known, _)| known == name);
                for (_, node) in same.into_iter().chain(other) {
                    node.look_up(rest, found);
                }
                // PHP's idiom for a path that ends in a slash.
                if *name == "empty" && rest.is_empty() {
                    self.literal("").into_iter().for_each(|node| node.look_up(rest, found));
                }
            }
            Segment::Text(text) => {
                let before = found.len();
                let as_sent = || without_capitals(text).and_then(|text| self.literal(&text));
                if let Some(node) = self.literal(text).or_else(as_sent) {
                    node.look_up(rest, found);
                }
                if found.len() == before && !text.is_empty() {
                    for (_, node) in &self.variables {
                        node.look_up(rest, found);
                    }
                }
            }
        }
    }
}
