//! `use` declarations: grouped, merged by what is before the last `::`, and sorted.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::rust::layout::laid;
use crate::rust::layout::space::{COLUMNS, STEP};

/// The lines, with an empty one between the groups.
pub fn lines(paths: &[String]) -> Vec<String> {
    let mut groups: [Vec<&str>; 3] = Default::default();
    for path in paths {
        let path = path.trim();
        groups[group(path)].push(path);
    }
    let mut lines = Vec::new();
    for group in groups.iter().filter(|group| !group.is_empty()) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.extend(merged(group).into_iter().map(|(parent, names)| declaration(&parent, &names)));
    }
    lines
}

fn group(path: &str) -> usize {
    match path.split("::").next().unwrap_or_default() {
        "std" | "core" | "alloc" => 0,
        "crate" | "self" | "super" => 2,
        _ => 1,
    }
}

/// By parent, in the order in which rustfmt has them.
fn merged(paths: &[&str]) -> Vec<(String, Vec<String>)> {
    let mut parents: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for path in paths {
        let (parent, name) = path.rsplit_once("::").unwrap_or(("", path));
        let names = parents.entry(parent).or_default();
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    let mut merged = Vec::new();
    for (parent, mut names) in parents {
        names.sort_by(|a, b| compare_names(a, b));
        if parent.is_empty() {
            // Crates, which have nothing in common.
            merged.extend(names.into_iter().map(|name| (String::new(), vec![name])));
        } else {
            merged.push((parent.to_owned(), names));
        }
    }
    merged.sort_by(compare);
    merged
}

fn compare(a: &(String, Vec<String>), b: &(String, Vec<String>)) -> Ordering {
    fn segments((parent, names): &(String, Vec<String>)) -> Vec<&str> {
        let mut segments: Vec<&str> = parent.split("::").filter(|segment| !segment.is_empty()).collect();
        if let [only] = names.as_slice() {
            segments.push(only);
        }
        segments
    }
    let (left, right) = (segments(a), segments(b));
    let is_list = |one: &(String, Vec<String>)| one.1.len() > 1;
    for (left, right) in left.iter().zip(&right) {
        let order = compare_names(left, right);
        if order != Ordering::Equal {
            return order;
        }
    }
    // A list comes behind all names.
    match left.len().cmp(&right.len()) {
        Ordering::Less if is_list(a) => Ordering::Greater,
        Ordering::Greater if is_list(b) => Ordering::Less,
        Ordering::Equal => is_list(a).cmp(&is_list(b)),
        order => order,
    }
}

/// `self` first, a star last, numbers by their value.
fn compare_names(a: &str, b: &str) -> Ordering {
    let rank = |name: &str| match name {
        "self" => 0,
        "super" => 1,
        "crate" => 2,
        "*" => 4,
        _ => 3,
    };
    let name = |full: &str| full.split(" as ").next().unwrap_or_default().to_owned();
    rank(a).cmp(&rank(b)).then_with(|| version(&name(a), &name(b))).then_with(|| a.len().cmp(&b.len()))
}

/// Numbers are compared by value, and an underscore comes before all else.
fn version(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a, b);
    loop {
        let (next, other) = match (left.chars().next(), right.chars().next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(next), Some(other)) => (next, other),
        };
        if next.is_ascii_digit() && other.is_ascii_digit() {
            let number = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            let (number_left, rest_left) = left.split_at(number(left));
            let (number_right, rest_right) = right.split_at(number(right));
            let (trimmed_left, trimmed_right) =
                (number_left.trim_start_matches('0'), number_right.trim_start_matches('0'));
            let order = trimmed_left.len().cmp(&trimmed_right.len()).then_with(|| trimmed_left.cmp(trimmed_right));
            if order != Ordering::Equal {
                return order;
            }
            (left, right) = (rest_left, rest_right);
            continue;
        }
        let rank = |c: char| if c == '_' { (0, c) } else { (1, c) };
        let order = rank(next).cmp(&rank(other));
        if order != Ordering::Equal {
            return order;
        }
        (left, right) = (&left[next.len_utf8()..], &right[other.len_utf8()..]);
    }
}

fn declaration(parent: &str, names: &[String]) -> String {
    let [only] = names else {
        return list(parent, names);
    };
    if parent.is_empty() { format!("use {only};") } else { format!("use {parent}::{only};") }
}

fn list(parent: &str, names: &[String]) -> String {
    let line = format!("use {parent}::{{{}}};", names.join(", "));
    if laid::width(&line) <= COLUMNS {
        return line;
    }
    let mut text = format!("use {parent}::{{\n{}", " ".repeat(STEP));
    let mut on_line = 0;
    for (at, name) in names.iter().enumerate() {
        let width = laid::width(name) + 1;
        if at > 0 && on_line + 1 + width > COLUMNS - STEP - 1 {
            text.push_str(&format!("\n{}", " ".repeat(STEP)));
            on_line = 0;
        } else if at > 0 {
            text.push(' ');
            on_line += 1;
        }
        text.push_str(name);
        text.push(',');
        on_line += width;
    }
    text + "\n};"
}
