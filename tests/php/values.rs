//! Values that PHP has rules for, and a generator of others.

use wechatpay::{Map, Value, json};

/// Those at which PHP's rules change.
pub fn edges() -> Vec<Value> {
    let mut edges = scalars();
    edges.extend([
        json!([]),
        json!([0]),
        json!([1, 2]),
        json!([2, 1]),
        json!(["1", 2.0]),
        json!({ "a": 1 }),
        json!({ "a": "1" }),
        json!({ "b": 2, "a": 1 }),
        json!({ "a": 1, "b": 2 }),
        json!({ "5": "five", "a": null, "-3": [] }),
        json!({ "a": { "b": [1, { "c": "茶" }] } }),
        json!([[]]),
        json!([null, false]),
    ]);
    edges
}

/// Those that are no arrays.
pub fn scalars() -> Vec<Value> {
    let texts = [
        "",
        "0",
        "1",
        "01",
        "1e1",
        "10",
        " 1",
        "1 ",
        "abc",
        "ABC",
        "5 apples",
        "0.0",
        ".5",
        "5.",
        "-",
        "-1",
        "+1",
        "1e",
        "1e+",
        "0x1A",
        "1e1000",
        "-1e1000",
        "9223372036854775807",
        "9223372036854775808",
        "9223372036854775809",
        "-9223372036854775808",
        "-9223372036854775809",
        "123456789012345678901234567890",
        "1e5x",
        "  \t\n12",
        "12\u{b}",
        "a",
        "z",
        "Az",
        "zZ9",
        "a-9",
        "中文",
        "é",
        "null",
        "true",
        "1.50",
        "00",
        "-0",
        "1_000",
        "Image形象店",
        ".",
        "1.5e3abc",
        "0.30000000000000004",
        "100000000000000000000000",
        "1e1 ",
        "\u{0}",
        "1\u{0}",
    ];
    let floats = [
        0.0,
        -0.0,
        1.0,
        1.5,
        -1.5,
        0.1,
        0.1 + 0.2,
        1e14,
        1e15,
        123_456_789_012_345.67,
        1e17,
        1e18,
        1e19,
        1e25,
        -1e25,
        1e-3,
        1e-4,
        1e-5,
        1e-10,
        1e300,
        5e-324,
        9.223_372_036_854_776e18,
        1.0 / 3.0,
        2.5,
        1_000_000.0,
        19.9,
        0.285,
        1.005,
        1e22,
        1e23,
        1.797_693_134_862_315_7e308,
        0.999_999_999_999_999_9,
        99_999_999_999_999.9,
    ];
    let integers =
        [0, 1, -1, 2, 3, 7, 10, -10, 97, 100, 255, 1_000_000, i64::MAX, i64::MIN, i64::MAX - 1, 1 << 53, (1 << 53) + 1];
    let mut scalars = vec![json!(null), json!(true), json!(false)];
    scalars.extend(texts.map(Value::from));
    scalars.extend(floats.map(Value::from));
    scalars.extend(integers.map(Value::from));
    scalars
}

/// Numbers that look random, the same in each run.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    pub fn of<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below(usize::try_from(high - low + 1).unwrap()) as i64
    }

    /// Any finite float.
    pub fn float(&mut self) -> f64 {
        loop {
            let float = match self.below(3) {
                0 => f64::from_bits(self.next()),
                1 => self.between(-1_000_000, 1_000_000) as f64 / 1000.0,
                _ => (self.next() as f64) / 10f64.powi(self.below(25) as i32),
            };
            if float.is_finite() {
                return float;
            }
        }
    }

    pub fn scalar(&mut self) -> Value {
        match self.below(8) {
            0 => self.float().into(),
            1 => self.between(-5, 20).into(),
            2 => self.between(-5, 20).to_string().into(),
            3 => self.text().into(),
            _ => self.of(&scalars()).clone(),
        }
    }

    pub fn text(&mut self) -> String {
        let parts = ["a", "B", "c", "1", "0", ".", " ", "-", "茶", "店", "/", "x", "Z", "_", "%", ",", "e", "9", "é"];
        (0..self.below(9)).map(|_| *self.of(&parts)).collect()
    }

    /// An array as PHP would give it: a list where it is one.
    pub fn array(&mut self, depth: usize) -> Value {
        let size = self.below(6);
        let value = |random: &mut Random| {
            if depth > 0 && random.below(4) == 0 { random.array(depth - 1) } else { random.scalar() }
        };
        if self.below(2) == 0 {
            return (0..size).map(|_| value(self)).collect();
        }
        let names = ["a", "b", "c", "total", "5", "0", "1", "2", "-3", "01", "", "茶", "A", "10"];
        let mut map = Map::new();
        for _ in 0..size {
            let name = (*self.of(&names)).to_owned();
            map.insert(name, value(self));
        }
        if map.keys().enumerate().all(|(index, name)| *name == index.to_string()) {
            return map.into_iter().map(|(_, value)| value).collect();
        }
        Value::Object(map)
    }

    /// What can be a key; but for the largest integer, behind which there is no other.
    pub fn key(&mut self) -> Value {
        loop {
            let key = self.scalar();
            if key.as_i64() != Some(i64::MAX) && key.as_str() != Some("9223372036854775807") {
                return key;
            }
        }
    }

    pub fn any(&mut self) -> Value {
        if self.below(4) == 0 { self.array(2) } else { self.scalar() }
    }
}
