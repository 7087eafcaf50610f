//! Values that look like chance and are the same for the same seed.

use openssl::sha::Sha256;

/// What seeds a [`Chance`]: the parts of what is answered, one after the other.
pub(crate) struct Seed(Sha256);

impl Seed {
    pub(crate) fn new() -> Seed {
        Seed(Sha256::new())
    }

    /// One more part; where it ends counts, too.
    pub(crate) fn with(mut self, part: &[u8]) -> Seed {
        self.0.update(&(part.len() as u64).to_be_bytes());
        self.0.update(part);
        self
    }
}

/// A generator by the method of SplitMix64.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: Seed) -> Chance {
        let digest = seed.0.finish();
        Chance(digest.into_iter().take(8).fold(0, |state, byte| state << 8 | u64::from(byte)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one; 0 if there is none.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or_default()
    }

    /// A text that begins with `before` and has this many more letters of an alphabet.
    pub(crate) fn text(&mut self, before: &str, count: usize, alphabet: &[u8]) -> String {
        let mut text = String::with_capacity(before.len().saturating_add(count));
        text.push_str(before);
        for _ in 0..count {
            let at = usize::try_from(self.below(alphabet.len() as u64)).unwrap_or_default();
            text.extend(alphabet.get(at).map(|letter| char::from(*letter)));
        }
        text
    }

    /// One of these.
    pub(crate) fn one_of(&mut self, texts: &[&'static str]) -> &'static str {
        let at = usize::try_from(self.below(texts.len() as u64)).unwrap_or_default();
        texts.get(at).copied().unwrap_or_default()
    }
}
