//! What is said of classes that no Rust is written for: each message, and where.

use crate::FindingKind;

/// What is left to do in a file: `LINE:COLUMN: why`, as far as the colon in the reason.
fn left(php: &str) -> Vec<String> {
    let ported = crate::port(format!("<?php\n{php}\n").as_bytes()).unwrap();
    let left = ported.findings.iter().filter(|finding| finding.kind == FindingKind::Todo);
    left.map(|finding| {
        let why = finding.message.split(':').next().unwrap_or_default();
        format!("{}:{}: {why}", finding.position.line, finding.position.column)
    })
    .collect()
}

const COUNTER: &str = "class Counter { private int $n = 0;
    public function up(): self { $this->n++; return $this; }
    public function n(): int { return $this->n; } }";

#[test]
fn an_object_has_one_place() {
    let shared = format!("{COUNTER}\n$a = new Counter();\n$b = $a->up();\n$b->up();\necho $a->n();");
    assert_eq!(left(&shared), ["6:1: a Counter that is in two places and changes"]);
    let once = format!("{COUNTER}\n$b = (new Counter())->up();\n$b->up();\n$b = $b->up();\necho $b->n();");
    assert_eq!(left(&once), [""; 0]);
    let one = "class One { private static ?One $one = null; private int $n = 0;
        public static function get(): self { self::$one ??= new self(); return self::$one; }
        public function up(): void { $this->n++; } }
        One::get()->up();";
    let why = "a One that is in two places and changes";
    assert!(left(one).iter().any(|line| line.ends_with(why)), "{:?}", left(one));
}

#[test]
fn a_method_returns_its_object_always_or_never() {
    let sometimes = "class A { public function a(bool $b) { if ($b) { return $this; } return 1; } }";
    assert_eq!(left(sometimes), ["2:57: the object itself, where something else is returned, too"]);
}

#[test]
fn a_parameter_that_is_an_object_stays_the_object_of_the_caller() {
    let assigned = format!(
        "{COUNTER}\nfunction f(Counter $c): void {{ if ($c->n() > 1) {{ $c = new Counter(); }} $c->up(); }}\nf(new Counter());"
    );
    assert_eq!(left(&assigned), ["5:51: $c is an object of the caller, and another from here on"]);
}

#[test]
fn what_an_interface_says_is_what_its_classes_do() {
    let more = "interface Run { public function run(int $a): int; }
        class A implements Run { public function run(int $a): int { return $a; } }
        class B implements Run { public function run(int $a, int $b = 1): int { return $b; } }
        function f(Run $run): int { return $run->run(1); }
        echo f(new A());";
    assert_eq!(left(more), ["5:44: run() of any Run"]);
    let itself = "interface Made { public function with(int $a): self; }
        class A implements Made { private int $a = 0; public function with(int $a): self { $this->a = $a; return $this; } }
        function f(Made $made): void { $made->with(1); }
        f(new A());";
    assert_eq!(left(itself), ["4:40: with() of any Made"]);
    let kept = "interface Named { public function name(): string; }
        class A implements Named { public function name(): string { return 'a'; } }
        class B { public function __construct(private Named $named) {} public function named(): Named { return $this->named; } }
        echo (new B(new A()))->named()->name();";
    assert_eq!(left(kept), ["4:105: a Named that is in two places, and may be of any class"]);
    let class = "interface Named { public function name(): string; } interface Other {}
        class A implements Named { public function name(): string { return 'a'; } }
        function f(Named $n): bool { return $n instanceof Other; }
        echo f(new A());";
    assert_eq!(left(class), ["4:45: which class a Named is of"]);
}

#[test]
fn what_a_parent_does_has_the_same_names() {
    let base = "class Base { protected string $id; public function __construct(string $id) { $id = trim($id); $this->id = $id; } }";
    let read = format!(
        "{base}\nclass A extends Base {{ private string $own; public function __construct(string $id) {{ parent::__construct($id); $this->own = $id; }} }}"
    );
    assert_eq!(left(&read), ["3:87: parent"]);
    let early = "class Base { public function __construct(public int $n) { if ($n > 1) { return; } $this->n = 1; } }
        class A extends Base { public function __construct() { parent::__construct(2); } }
        echo (new A())->n;";
    assert_eq!(
        left(early),
        ["2:73: return in a constructor", "3:64: parent", "4:15: it makes a A, whose constructor is not translated"]
    );
    let taken = "class Base { public function name(): string { return 'a'; } public function baseName(): string { return 'b'; } }
        class A extends Base { public function name(): string { return parent::name(); } }";
    assert_eq!(left(taken), ["3:72: A has a method base_name() already"]);
}
