//! Journals that are missing, and what is none.

use super::Shop;
use crate::runs::Home;

#[test]
fn a_journal_is_made_once() {
    let shop = Shop::open("once");
    shop.journal(&["create"]).ends(2).says("there is something at").says("wechatpay journal list --db shop.journal");
    let missing = shop.home.run(&["journal", "list", "--db", "other.journal"]).ends(2);
    let missing = missing.says("there is no journal at ").says("if there was one, look for it");
    assert!(missing.stderr.contains("wechatpay journal create --db other.journal"), "{}", missing.stderr);
    assert!(!shop.home.folder.file("other.journal").exists());
    assert_eq!(
        shop.home.run(&["journal", "create", "--db", "other.journal", "--json"]).ends(0).stdout,
        "{\"created\":true}\n"
    );
}

#[test]
fn what_is_no_journal() {
    let home = Home::new("none");
    home.run(&["journal", "list"]).ends(2).says("it is not said which journal").says("WECHATPAY_JOURNAL");
    home.write("notes.txt", "a text that is long enough to be something else than a journal");
    home.run(&["journal", "list", "--db", "notes.txt"]).ends(2).says("is not a journal");
    home.run(&["journal", "list", "--db", ""]).ends(2).says("a journal is a file");
    home.run(&["journal", "list", "--db", "mysql://db.example/shop"]).ends(2).says("postgres://");
    home.run(&["journal", "create", "--db", "missing/shop.journal"]).ends(1).says("cannot be read or written");
    home.run(&["journal"]).ends(2);
}

#[test]
fn a_password_is_not_for_the_command_line() {
    let mut home = Home::new("password");
    for url in ["postgres://shop:xyzzy@127.0.0.1:1/shop", "postgresql://127.0.0.1:1/shop?user=shop&password=xyzzy"] {
        home.run(&["journal", "list", "--db", url]).ends(2).says("can see the password").says("WECHATPAY_JOURNAL");
        let run = home.run(&["post", "v3/new", "--journal", url]).ends(2).says("can see the password");
        assert!(!run.stderr.contains("xyzzy"));
        home.set("WECHATPAY_JOURNAL", url);
        let run = home.run(&["journal", "list", "--debug"]);
        assert!(!run.stderr.contains("xyzzy") && run.code > 0, "{}", run.stderr);
        home.set("WECHATPAY_JOURNAL", "");
    }
    let run = home.run(&["journal", "list", "--db", "postgres://shop@127.0.0.1:1/shop"]);
    if cfg!(feature = "postgres") {
        run.ends(1).says("the journal cannot be read or written");
    } else {
        run.ends(2).says("was built without PostgreSQL").says("feature `postgres`");
    }
}

#[test]
fn a_journal_that_cannot_be_used() {
    let shop = Shop::open("unusable");
    let change = |change: &str| {
        let connection = super::Connection::open(shop.home.folder.file("shop.journal")).unwrap();
        connection.execute_batch(change).unwrap();
    };
    let version: i64 = {
        let connection = super::Connection::open(shop.home.folder.file("shop.journal")).unwrap();
        connection.query_row("PRAGMA user_version", (), |row| row.get(0)).unwrap()
    };
    change("PRAGMA user_version = 1000");
    shop.journal(&["list"]).ends(2).says("install a newer `wechatpay`");
    change(&format!("PRAGMA user_version = {version}; DELETE FROM journal"));
    shop.journal(&["list"]).ends(1).says("is damaged").says("nothing was changed; look for the file or its backup");
}
