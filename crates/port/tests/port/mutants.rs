//! Programs that are made of others by taking statements and comments out and putting some in.

use support::random::Random;

use crate::scan::Scan;

/// A changed program, and what was put in last.
#[derive(Debug)]
pub struct Mutant {
    /// What it was made of.
    pub sample: String,
    pub php: String,
    /// Texts of statements, each of which occurs once, in their order.
    pub markers: Vec<String>,
}

impl Mutant {
    /// Of one of the samples, which are names and PHP.
    pub fn make(samples: &[(String, String)], random: &mut Random) -> Mutant {
        let (sample, php) = &samples[random.below(samples.len())];
        let mut mutant = Mutant { sample: sample.clone(), php: php.clone(), markers: Vec::new() };
        for number in 0..1 + random.below(6) {
            let other = &samples[random.below(samples.len())].1;
            mutant.php = changed(&mutant.php, other, number, random);
        }
        mutant.mark(random);
        mutant
    }

    /// Puts statements in that can be told from all others.
    fn mark(&mut self, random: &mut Random) {
        let places = Scan::of(&self.php).places();
        if places.is_empty() {
            return;
        }
        let count = 1 + random.below(3);
        let mut chosen: Vec<usize> = (0..count).map(|_| random.pick(&places)).collect();
        chosen.sort_unstable();
        let mut php = String::new();
        let mut from = 0;
        for (number, place) in chosen.into_iter().enumerate() {
            let text = format!("marker {number}");
            php += &self.php[from..place];
            php += &format!("        {}\n", statement(number, &text, random));
            self.markers.push(text);
            from = place;
        }
        self.php = php + &self.php[from..];
    }
}

/// A statement with this text in it, of those that can be translated and of those that cannot.
fn statement(number: usize, text: &str, random: &mut Random) -> String {
    match random.below(9) {
        0 => format!("$marker{number} = '{text}';"),
        1 => format!("echo '{text}';"),
        2 => format!("error_log('{text}');"),
        3 => format!("if (time() > {number}) {{ echo \"{text}\\n\"; }}"),
        4 => format!("eval('{text}');"),
        5 => format!("$$name = '{text}';"),
        6 => format!("unheard_of('{text}');"),
        7 => format!("$list{number}['key'][] = ['text' => '{text}'];"),
        _ => format!("foreach (['{text}'] as $each{number}) {{ print($each{number}); }}"),
    }
}

/// With one thing taken out or put in.
fn changed(php: &str, other: &str, number: usize, random: &mut Random) -> String {
    let scan = Scan::of(php);
    let remark =
        format!("remark {number}{}", random.pick(&["", " 'quoted", " \"x\"", " {$y}", " 备注", " ?? <b>", " \\n"]));
    let statements = scan.statements();
    match random.below(8) {
        0 | 1 if !statements.is_empty() => without(php, random.pick_range(&statements)),
        2 if !statements.is_empty() => {
            let statement = random.pick_range(&statements);
            with(php, statement.end, &php[statement])
        }
        3 if !scan.places().is_empty() => {
            let others = Scan::of(other).statements();
            let place = random.pick(&scan.places());
            with(php, place, &other[random.pick_range(&others)])
        }
        4 if !scan.comments.is_empty() => without(php, random.pick_range(&scan.comments)),
        5 if !scan.gaps.is_empty() => with(php, random.pick(&scan.gaps), &format!("/* {remark} */")),
        6 => {
            let ends: Vec<usize> =
                scan.lines.iter().filter(|line| !line.inside && !line.commented).map(|line| line.at).collect();
            if ends.is_empty() {
                return php.to_owned();
            }
            let mark = random.pick(&["//", "#"]);
            with(php, random.pick(&ends) - 1, &format!(" {mark} {remark}"))
        }
        _ => {
            let starts: Vec<usize> = scan.lines.iter().filter(|line| !line.inside).map(|line| line.at).collect();
            if starts.is_empty() {
                return php.to_owned();
            }
            let comment = match random.below(4) {
                0 => format!("    /* {remark}\n       {remark}, too */\n"),
                1 => format!("    /** {remark} */\n"),
                2 => format!("# {remark}\n\n"),
                _ => format!("    // {remark}\n"),
            };
            with(php, random.pick(&starts), &comment)
        }
    }
}

fn without(php: &str, range: std::ops::Range<usize>) -> String {
    [&php[..range.start], &php[range.end..]].concat()
}

fn with(php: &str, at: usize, text: &str) -> String {
    [&php[..at], text, &php[at..]].concat()
}

trait PickRange {
    fn pick_range(&mut self, ranges: &[std::ops::Range<usize>]) -> std::ops::Range<usize>;
}

impl PickRange for Random {
    fn pick_range(&mut self, ranges: &[std::ops::Range<usize>]) -> std::ops::Range<usize> {
        ranges[self.below(ranges.len())].clone()
    }
}
