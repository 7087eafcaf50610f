//! QR codes.

use crate::runs::Home;

const URL: &str = "weixin://wxpay/bizpayurl?pr=p4lpSuKzz";

/// The modules of what was drawn, dark ones as true, without the border.
fn modules(drawn: &str) -> Vec<Vec<bool>> {
    let mut rows = Vec::new();
    for line in drawn.lines() {
        let half = |white: &str| line.chars().map(|letter| !white.contains(letter)).collect::<Vec<_>>();
        rows.extend([half("█▀"), half("█▄")]);
    }
    // The last line may have half a row too many.
    rows.truncate(rows[0].len());
    assert!(rows.iter().take(4).flatten().all(|dark| !dark), "a border on top");
    assert!(rows.iter().all(|row| row[..4].iter().chain(&row[row.len() - 4..]).all(|dark| !dark)), "and at the sides");
    rows[4..rows.len() - 4].iter().map(|row| row[4..row.len() - 4].to_vec()).collect()
}

#[test]
fn a_code_in_the_terminal() {
    let home = Home::new("qr");
    let run = home.run(&["qr", URL]).ends(0);
    let modules = modules(&run.stdout);
    assert_eq!(modules.len() % 4, 1, "17 modules and four for each version");
    // The patterns by which a code is found: a dark ring, a white one, and a dark square.
    let last = modules.len() - 7;
    for (top, left) in [(0, 0), (0, last), (last, 0)] {
        for row in 0..7usize {
            for column in 0..7usize {
                let ring = row.abs_diff(3).max(column.abs_diff(3));
                assert_eq!(modules[top + row][left + column], ring != 2, "{row} {column}");
            }
        }
    }
    assert_eq!(home.run_with(&["qr", "-"], format!("{URL}\n")).ends(0).stdout, run.stdout);
    assert_ne!(home.run(&["qr", "weixin://wxpay/bizpayurl?pr=p4lpSuKzy"]).ends(0).stdout, run.stdout);
}

#[test]
fn a_code_as_a_picture() {
    let home = Home::new("qr-svg");
    assert_eq!(home.run(&["qr", URL, "-o", "code.svg"]).ends(0).stdout, "");
    let picture = std::fs::read_to_string(home.path("code.svg")).unwrap();
    assert!(picture.contains("<svg"), "{picture}");
    let told = home.run(&["--json", "qr", URL]).ends(0).json();
    assert_eq!((told["text"].as_str(), told["svg"].as_str()), (Some(URL), Some(&*picture)));
    assert_eq!(home.run(&["--json", "qr", URL, "-o", "code.svg"]).ends(0).json()["file"], "code.svg");
    home.run(&["qr", URL, "-o", "code.png"]).ends(2).says("code.png does not end with .svg");
    home.run(&["qr", URL, "-o", "none/code.svg"]).ends(2).says("none/code.svg");
}

#[test]
fn what_is_no_text_for_a_code() {
    let home = Home::new("qr-none");
    home.run(&["qr", ""]).ends(2).says("no text");
    home.run_with(&["qr", "-"], "\n").ends(2).says("no text");
    home.run_with(&["qr", "-"], [0xff]).ends(2).says("the text is not UTF-8");
    home.run(&["qr", &"x".repeat(2954)]).ends(2).says("2954 bytes are too many");
}
