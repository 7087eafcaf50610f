//! The order that PHP's sort gives, also where comparisons contradict each other.
//!
//! What is sorted with PHP's `<` need not have an order at all: `"abc" < "b"`, `"b" < 1000`… So the outcome depends on which pairs
//! are compared, and they are compared here as PHP compares them: up to 16 places by insertion, more by parts around a
//! pivot.

/// From how many places on they are parted around a pivot.
const FEW: usize = 16;

/// From how many places on the pivot is the middle one of five.
const MANY: usize = 1024;

/// The order in which places come out, from 0 to `length`; `is_after` says of two of them whether the first comes after
/// the second, and of no two the same in both directions.
pub(super) fn sorted(length: usize, is_after: impl FnMut(usize, usize) -> bool) -> Vec<usize> {
    let mut sorting = Sorting { order: (0..length).collect(), is_after };
    sorting.sort(0, length);
    sorting.order
}

struct Sorting<F> {
    order: Vec<usize>,
    is_after: F,
}

#[expect(clippy::arithmetic_side_effects, reason = "positions between the beginning and the end of a vector")]
impl<F: FnMut(usize, usize) -> bool> Sorting<F> {
    fn after(&mut self, a: usize, b: usize) -> bool {
        match (self.order.get(a), self.order.get(b)) {
            (Some(a), Some(b)) => (self.is_after)(*a, *b),
            _ => false,
        }
    }

    fn swap_if_after(&mut self, a: usize, b: usize) -> bool {
        let is_after = self.after(a, b);
        if is_after {
            self.order.swap(a, b);
        }
        is_after
    }

    fn sort(&mut self, mut start: usize, mut end: usize) {
        while end - start > FEW {
            let border = self.part(start, end);
            // The pivot stands before the border. The shorter part is sorted first.
            if border - 1 - start < end - border {
                self.sort(start, border - 1);
                start = border;
            } else {
                self.sort(border, end);
                end = border - 1;
            }
        }
        self.insert(start, end);
    }

    /// Puts what comes before the pivot before it; gives the position behind the pivot.
    fn part(&mut self, start: usize, end: usize) -> usize {
        let half = (end - start) / 2;
        let middle = start + half;
        if end - start >= MANY {
            let quarter = half / 2;
            self.five([start, start + quarter, middle, middle + quarter, end - 1]);
        } else {
            self.three(start, middle, end - 1);
        }
        let pivot = start + 1;
        self.order.swap(pivot, middle);
        let (mut low, mut high) = (pivot + 1, end - 1);
        'parting: loop {
            while self.after(pivot, low) {
                low += 1;
                if low == high {
                    break 'parting;
                }
            }
            high -= 1;
            if high == low {
                break;
            }
            while self.after(high, pivot) {
                high -= 1;
                if high == low {
                    break 'parting;
                }
            }
            self.order.swap(low, high);
            low += 1;
            if low == high {
                break;
            }
        }
        self.order.swap(pivot, low - 1);
        low
    }

    fn three(&mut self, a: usize, b: usize, c: usize) {
        if !self.after(a, b) {
            if self.swap_if_after(b, c) {
                self.swap_if_after(a, b);
            }
        } else if !self.after(c, b) {
            self.order.swap(a, c);
        } else {
            self.order.swap(a, b);
            self.swap_if_after(b, c);
        }
    }

    fn four(&mut self, [a, b, c, d]: [usize; 4]) {
        self.three(a, b, c);
        if self.swap_if_after(c, d) && self.swap_if_after(b, c) {
            self.swap_if_after(a, b);
        }
    }

    fn five(&mut self, [a, b, c, d, e]: [usize; 5]) {
        self.four([a, b, c, d]);
        if self.swap_if_after(d, e) && self.swap_if_after(c, d) && self.swap_if_after(b, c) {
            self.swap_if_after(a, b);
        }
    }

    fn insert(&mut self, start: usize, end: usize) {
        match end - start {
            0 | 1 => {}
            2 => {
                self.swap_if_after(start, start + 1);
            }
            3 => self.three(start, start + 1, start + 2),
            4 => self.four([start, start + 1, start + 2, start + 3]),
            5 => self.five([start, start + 1, start + 2, start + 3, start + 4]),
            _ => {
                for at in start + 1..end {
                    if self.after(at - 1, at) {
                        let place = if at < start + 6 { self.one_by_one(start, at) } else { self.by_twos(start, at) };
                        if let Some(moved) = self.order.get_mut(place..=at) {
                            moved.rotate_right(1);
                        }
                    }
                }
            }
        }
    }

    /// Where the one at a position belongs among those before it, the last of which comes after it.
    fn one_by_one(&mut self, start: usize, at: usize) -> usize {
        let mut place = at - 1;
        while place > start && self.after(place - 1, at) {
            place -= 1;
        }
        place
    }

    /// The same, where there are more.
    fn by_twos(&mut self, start: usize, at: usize) -> usize {
        let mut place = at - 1;
        loop {
            place -= 2;
            if !self.after(place, at) {
                return if self.after(place + 1, at) { place + 1 } else { place + 2 };
            }
            if place == start {
                return place;
            }
            if place == start + 1 {
                return if self.after(at, start) { place } else { start };
            }
        }
    }
}
