//! Which lines of PHP and of Rust are shown beside each other.

use std::ops::Range;

/// Lines that belong together, counted from 0; one side may have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub php: Range<usize>,
    pub rust: Range<usize>,
}

/// All lines of both, in order. `origins` has lines of Rust, each with the line of PHP that it comes from, counted from 1; where
/// Rust has another order than PHP, most of the lines stay aligned.
pub fn blocks(php: usize, rust: usize, origins: &[(usize, usize)]) -> Vec<Block> {
    let known = origins.iter().filter_map(|(rust, php)| Some((rust.checked_sub(1)?, php.checked_sub(1)?)));
    let mut anchors: Vec<_> = known.filter(|(line, origin)| *line < rust && *origin < php).collect();
    anchors.sort_by_key(|(line, _)| *line);
    anchors.dedup_by_key(|(line, _)| *line);
    let mut blocks = Vec::new();
    let mut from = (0, 0);
    for to in rising(&anchors).into_iter().chain([(rust, php)]) {
        let block = Block { php: from.1..to.1, rust: from.0..to.0 };
        if !block.php.is_empty() || !block.rust.is_empty() {
            blocks.push(block);
        }
        from = to;
    }
    blocks
}

/// The longest row of these in which both lines rise.
fn rising(anchors: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length the anchor with which such a row ends earliest, and for each anchor the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::new();
    let php = |at: &usize| anchors.get(*at).map_or(0, |(_, php)| *php);
    for (at, (_, line)) in anchors.iter().enumerate() {
        let length = ends.partition_point(|end| php(end) < *line);
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter)).copied());
        match ends.get_mut(length) {
            // Of several lines of one origin, the first is beside it.
            Some(end) if php(end) > *line => *end = at,
            Some(_) => {}
            None => ends.push(at),
        }
    }
    let mut row = Vec::new();
    let mut next = ends.last().copied();
    while let Some(at) = next {
        row.extend(anchors.get(at));
        next = before.get(at).copied().flatten();
    }
    row.reverse();
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aligned(php: usize, rust: usize, origins: &[(usize, usize)]) -> Vec<(Range<usize>, Range<usize>)> {
        blocks(php, rust, origins).into_iter().map(|block| (block.php, block.rust)).collect()
    }

    #[test]
    fn lines_are_beside_their_origins() {
        let blocks = aligned(4, 6, &[(1, 1), (3, 2), (4, 4)]);
        assert_eq!(blocks, [(0..1, 0..2), (1..3, 2..3), (3..4, 3..6)]);
    }

    #[test]
    fn what_comes_before_the_first_origin() {
        assert_eq!(aligned(3, 2, &[(1, 3)]), [(0..2, 0..0), (2..3, 0..2)]);
        assert_eq!(aligned(1, 3, &[(3, 1)]), [(0..0, 0..2), (0..1, 2..3)]);
        assert_eq!(aligned(2, 3, &[]), [(0..2, 0..3)]);
        assert_eq!(aligned(0, 0, &[]), []);
    }

    #[test]
    fn several_lines_of_one_origin() {
        assert_eq!(aligned(2, 4, &[(1, 1), (2, 1), (3, 1), (4, 2)]), [(0..1, 0..3), (1..2, 3..4)]);
    }

    #[test]
    fn what_was_moved_moves_nothing_else() {
        // Line 5 of PHP comes first.
        let blocks = aligned(5, 5, &[(1, 5), (2, 1), (3, 2), (4, 3), (5, 4)]);
        assert_eq!(blocks, [(0..0, 0..1), (0..1, 1..2), (1..2, 2..3), (2..3, 3..4), (3..5, 4..5)]);
    }

    #[test]
    fn lines_that_are_not_there() {
        assert_eq!(aligned(1, 1, &[(0, 1), (1, 0), (9, 1), (1, 9)]), [(0..1, 0..1)]);
    }
}
