//! Files that are not as they should be: each is named, none is made anew, and no call is made that cannot be recorded.

use std::fs::{self, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use support::folder::Folder;
use support::process::{child_under, is_child, run};
use wechatpay_journal::{Error, Journal, State};
use wechatpay_sandbox::Fault;

use crate::shop::{NATIVE, Shop, content, refusal};

/// A folder with a journal of so many entries, which is closed.
fn closed(name: &str, entries: usize) -> (Folder, PathBuf) {
    let shop = Shop::open(name);
    for number in 0..entries {
        shop.order(&format!("order-{number}"), 1).unwrap();
    }
    let path = shop.database.path();
    (shop.database.folder, path)
}

/// What is said about a file, which must be as it was afterwards.
fn refused(path: &Path) -> Error {
    let before = fs::read(path).unwrap();
    let error = Journal::open(path).unwrap_err();
    assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
    assert_eq!(fs::read(path).unwrap(), before);
    error
}

#[test]
fn a_journal_is_made_once_and_found_ever_after() {
    let folder = Folder::new("made");
    let path = folder.file("payments.journal");
    let missing = Journal::open(&path).unwrap_err();
    assert!(matches!(&missing, Error::Missing(at) if *at == path), "{missing:?}");
    assert!(folder.names().is_empty());
    drop(Journal::create(&path).unwrap());
    assert_eq!(folder.names(), ["payments.journal"]);
    let exists = Journal::create(&path).unwrap_err();
    assert!(matches!(&exists, Error::Exists(at) if *at == path), "{exists:?}");
    assert_eq!(folder.names(), ["payments.journal"]);
    drop(Journal::open(&path).unwrap());

    let nowhere = Journal::create(folder.file("no/such/folder")).unwrap_err();
    assert!(matches!(nowhere, Error::Storage(_)), "{nowhere:?}");
}

#[test]
fn other_files_are_not_journals() {
    let folder = Folder::new("foreign");
    let path = folder.file("payments.journal");
    for contents in [&b""[..], b"a text", &[0; 8192]] {
        fs::write(&path, contents).unwrap();
        assert!(matches!(refused(&path), Error::NotAJournal(_)));
    }
    fs::remove_file(&path).unwrap();
    let database = Connection::open(&path).unwrap();
    database.execute_batch("CREATE TABLE orders (id INTEGER)").unwrap();
    drop(database);
    assert!(matches!(refused(&path), Error::NotAJournal(_)));
}

#[test]
fn a_torn_or_changed_file_is_named() {
    let (_folder, path) = closed("torn", 60);
    let whole = fs::read(&path).unwrap();
    assert!(whole.len() > 30_000, "{}", whole.len());
    // Cut off, at each page and in the middle of it.
    for length in (1..whole.len()).step_by(2048) {
        fs::write(&path, &whole[..length]).unwrap();
        let error = refused(&path);
        assert!(matches!(error, Error::Damaged { .. } | Error::NotAJournal(_)), "{length}: {error:?}");
    }
    // A page that others have written, the first and the last aside.
    for page in 1..whole.len() / 4096 {
        let mut changed = whole.clone();
        changed[page * 4096..][..512].fill(0x5A);
        fs::write(&path, &changed).unwrap();
        let error = refused(&path);
        assert!(matches!(error, Error::Damaged { .. }), "{page}: {error:?}");
    }
    fs::write(&path, &whole).unwrap();
    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.figures().unwrap().count(State::Answered), 60);
}

#[test]
fn a_newer_file_is_left_to_newer_programs() {
    let (_folder, path) = closed("newer", 1);
    let database = Connection::open(&path).unwrap();
    database.execute_batch("PRAGMA user_version = 9").unwrap();
    drop(database);
    let newer = refused(&path);
    assert!(matches!(newer, Error::Newer { version: 9, known: 1, .. }), "{newer:?}");
}

#[test]
fn damage_while_it_is_in_use_stops_the_calls() {
    let shop = Shop::open("in-use");
    for number in 0..60 {
        shop.order(&format!("order-{number}"), 1).unwrap();
    }
    let database = Connection::open(shop.database.path()).unwrap();
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let mut file = OpenOptions::new().write(true).open(shop.database.path()).unwrap();
    for page in 1..fs::metadata(shop.database.path()).unwrap().len() / 4096 {
        file.seek(SeekFrom::Start(page * 4096)).unwrap();
        file.write_all(&[0x5A; 4096]).unwrap();
    }
    // What a process has in memory is good until another one has written.
    database.execute_batch("PRAGMA user_version = 1").unwrap();
    let arrived = shop.arrived("/v3/pay");
    let error = refusal(shop.order("one-more", 1));
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    assert_eq!(shop.arrived("/v3/pay"), arrived);
    assert!(matches!(Journal::open(shop.database.path()), Err(Error::Damaged { .. })));
}

#[test]
fn the_locks_of_the_dead_are_removed() {
    let shop = Shop::open("locks");
    let owners =
        || shop.database.folder.names().into_iter().filter(|name| name.contains("-owner-")).collect::<Vec<_>>();
    let own = owners();
    assert_eq!(own.len(), 1);
    fs::write(shop.database.folder.file("payments.journal-owner-0123456789abcdef"), "").unwrap();
    let (instance, journal) = shop.beside();
    assert!(owners().contains(&own[0]));
    assert_eq!(owners().len(), 2);
    drop((instance, journal));
    assert_eq!(owners(), own);
}

#[test]
fn a_file_that_vanishes_is_noticed_after_some_milliseconds() {
    let shop = Shop::open("vanished");
    shop.order("order-1", 1).unwrap();
    let (path, aside) = (shop.database.path(), shop.database.folder.file("aside"));
    fs::rename(&path, &aside).unwrap();
    // Longer than the journal goes without looking for its file.
    std::thread::sleep(Duration::from_millis(100));
    assert!(matches!(refusal(shop.order("order-2", 1)), Error::Vanished(at) if at == path));
    // Another one in its place is not it.
    drop(Journal::create(&path).unwrap());
    assert!(matches!(refusal(shop.order("order-2", 1)), Error::Vanished(_)));
    assert_eq!(shop.arrived("/v3/pay"), 1);
    fs::rename(&aside, &path).unwrap();
    shop.order("order-2", 1).unwrap();
}

#[test]
fn what_cannot_be_written_is_not_sent() {
    // The shell's limit for the size of a file stands for a full disk; without its signal, a write fails. It is one of the
    // whole process.
    if !is_child() {
        run(child_under("-f 256 && trap '' XFSZ", module_path!(), "what_cannot_be_written_is_not_sent")
            .env("RUST_BACKTRACE", "0"));
        return;
    }
    let shop = Shop::open("full");
    let mut taken = 0;
    let error = loop {
        match shop.order(&format!("order-{taken}"), 1) {
            Ok(_) => taken += 1,
            refused => break refusal(refused),
        }
        assert!(taken < 1000, "there is no limit");
    };
    assert!(matches!(error, Error::Storage(_)), "{error:?}");
    assert_eq!(shop.arrived("/v3/pay"), taken);
    // What has no effect is sent.
    shop.sandbox.answer("GET", "v3/any/path", 200, wechatpay::json!({}));
    shop.instance.chain("v3/any/path").get(()).unwrap();
}

#[test]
fn an_end_that_cannot_be_written_is_written_later() {
    let shop = Shop::open("later");
    shop.sandbox.inject(Fault::Delay(Duration::from_millis(300)).times(1));
    let first = shop.instance.chain(NATIVE);
    let first = first.post_async(wechatpay::json!({ "json": content("order-1", 1) }));
    while shop.arrived("/v3/pay") == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let aside = shop.database.folder.file("aside");
    fs::rename(shop.database.path(), &aside).unwrap();
    first.wait().unwrap();
    std::thread::sleep(Duration::from_millis(50));
    fs::rename(&aside, shop.database.path()).unwrap();
    let patience = std::time::Instant::now() + Duration::from_secs(10);
    while shop.state("order-1") != State::Answered {
        assert!(std::time::Instant::now() < patience, "{:?}", shop.entry("order-1"));
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn others_may_write_meanwhile() {
    let shop = Shop::open("busy");
    let other = Connection::open(shop.database.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let held = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(400));
        other.execute_batch("COMMIT").unwrap();
    });
    shop.order("order-1", 1).unwrap();
    held.join().unwrap();
    assert_eq!(shop.state("order-1"), State::Answered);
}

#[test]
fn settled_entries_are_removed_when_their_time_is_over() {
    let shop = Shop::open("pruned");
    shop.sandbox.inject(Fault::CloseBeforeAnswer.times(1));
    shop.order("unknown", 1).unwrap_err();
    // More than one step has.
    Connection::open(shop.database.path())
        .unwrap()
        .execute_batch(
            "WITH RECURSIVE old (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM old WHERE n < 1203)
             INSERT INTO entry (merchant, operation, number, digest, kept, host, state, turn, doubt, began, ended, asked)
             SELECT '1900000109', 'POST v3/x', 'old-' || n, x'00', '{}', 'https://x', 'answered', 0, 0, 1, n, 0 FROM old",
        )
        .unwrap();
    shop.order("new-order", 1).unwrap();
    assert_eq!(shop.journal.clone().keep_for(Duration::from_secs(u64::MAX)).prune().unwrap(), 0);
    assert_eq!(shop.journal.prune().unwrap(), 1203);
    assert_eq!(shop.journal.prune().unwrap(), 0);
    let figures = shop.journal.figures().unwrap();
    assert_eq!((figures.count(State::Answered), figures.count(State::Unknown)), (1, 1));
    assert_eq!(shop.journal.clone().keep_for(Duration::ZERO).prune().unwrap(), 1);
    assert_eq!(shop.state("unknown"), State::Unknown);
}
