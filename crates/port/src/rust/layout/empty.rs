//! Empty blocks.

/// How an empty block is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Empty {
    /// `{}`
    Short,
    /// On two lines.
    Tall,
    /// On two lines; an `else` follows.
    BeforeElse,
    /// It is not a block, but a value in braces.
    Value,
}

impl Empty {
    pub fn short_if(short: bool) -> Empty {
        if short { Empty::Short } else { Empty::Tall }
    }
}
