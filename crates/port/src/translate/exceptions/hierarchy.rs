//! Which exception extends which: PHP's own, Guzzle's and those of the file.

use crate::translate::program::Program;

/// Classes and interfaces with what they extend, in lower case and in full.
const PARENTS: [(&str, &str); 40] = [
    ("exception", "throwable"),
    ("error", "throwable"),
    ("errorexception", "exception"),
    ("jsonexception", "exception"),
    ("runtimeexception", "exception"),
    ("outofboundsexception", "runtimeexception"),
    ("overflowexception", "runtimeexception"),
    ("rangeexception", "runtimeexception"),
    ("underflowexception", "runtimeexception"),
    ("unexpectedvalueexception", "runtimeexception"),
    ("logicexception", "exception"),
    ("badfunctioncallexception", "logicexception"),
    ("badmethodcallexception", "badfunctioncallexception"),
    ("domainexception", "logicexception"),
    ("invalidargumentexception", "logicexception"),
    ("lengthexception", "logicexception"),
    ("outofrangeexception", "logicexception"),
    ("typeerror", "error"),
    ("argumentcounterror", "typeerror"),
    ("valueerror", "error"),
    ("arithmeticerror", "error"),
    ("divisionbyzeroerror", "arithmeticerror"),
    ("assertionerror", "error"),
    ("parseerror", "compileerror"),
    ("compileerror", "error"),
    ("unhandledmatcherror", "error"),
    ("guzzlehttp\\exception\\guzzleexception", "throwable"),
    ("guzzlehttp\\exception\\transferexception", "runtimeexception"),
    ("guzzlehttp\\exception\\transferexception", "guzzlehttp\\exception\\guzzleexception"),
    ("guzzlehttp\\exception\\requestexception", "guzzlehttp\\exception\\transferexception"),
    ("guzzlehttp\\exception\\connectexception", "guzzlehttp\\exception\\transferexception"),
    ("guzzlehttp\\exception\\badresponseexception", "guzzlehttp\\exception\\requestexception"),
    ("guzzlehttp\\exception\\clientexception", "guzzlehttp\\exception\\badresponseexception"),
    ("guzzlehttp\\exception\\serverexception", "guzzlehttp\\exception\\badresponseexception"),
    ("guzzlehttp\\exception\\toomanyredirectsexception", "guzzlehttp\\exception\\requestexception"),
    ("guzzlehttp\\exception\\invalidargumentexception", "invalidargumentexception"),
    ("guzzlehttp\\exception\\invalidargumentexception", "guzzlehttp\\exception\\guzzleexception"),
    ("guzzlehttp\\promise\\rejectionexception", "runtimeexception"),
    ("guzzlehttp\\promise\\cancellationexception", "guzzlehttp\\promise\\rejectionexception"),
    ("guzzlehttp\\promise\\aggregateexception", "guzzlehttp\\promise\\rejectionexception"),
];

/// Whether PHP or Guzzle has an exception of this name.
pub fn is_known(class: &str) -> bool {
    let class = class.trim_start_matches('\\').to_ascii_lowercase();
    class == "throwable" || PARENTS.iter().any(|(name, _)| *name == class)
}

/// Whether an exception that is not of the file extends another, or is that one. In full, without a leading backslash.
pub fn extends(class: &str, other: &str) -> bool {
    let other = other.to_ascii_lowercase();
    let mut open = vec![class.to_ascii_lowercase()];
    while let Some(class) = open.pop() {
        if class == other {
            return true;
        }
        open.extend(PARENTS.iter().filter(|(name, _)| *name == class).map(|(_, parent)| (*parent).to_owned()));
    }
    false
}

impl Program<'_> {
    /// Whether a class of the file is an exception.
    pub fn is_exception(&self, class: &str) -> bool {
        self.class(class).is_some() && self.is_a(class, "Throwable")
    }

    /// Whether one exception extends another, or is that one: of the file, of PHP or of Guzzle.
    pub fn is_a(&self, class: &str, other: &str) -> bool {
        let other_name = self.class_name(other);
        let mut open = vec![self.class_name(class)];
        let mut steps = 0;
        while let Some(name) = open.pop() {
            steps += 1;
            if steps > 64 {
                return false;
            }
            if name.eq_ignore_ascii_case(&other_name) {
                return true;
            }
            match self.class(&name) {
                Some(own) => open.extend(own.extends.iter().chain(&own.implements).map(|name| self.class_name(name))),
                None if extends(&name, &other_name) => return true,
                None => {}
            }
        }
        false
    }

    /// The classes of the file that can be made and are this one, or extend it.
    pub fn concrete(&self, class: &str) -> Vec<String> {
        let made = self.classes.values().filter(|own| {
            own.kind == crate::php::tree::ClassKind::Class && !own.modifiers.is_abstract && self.is_a(&own.name, class)
        });
        let mut names: Vec<(usize, String)> = made.map(|own| (own.span.start, own.name.clone())).collect();
        names.sort();
        names.into_iter().map(|(_, name)| name).collect()
    }
}
