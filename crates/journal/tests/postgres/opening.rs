//! Databases that are not as they should be: each is named, none is changed, and none is made anew.

use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use support::postgres::cut;
use wechatpay_journal::{Error, Journal};

use crate::database::{Database, own_server};
use crate::shop::Shop;

#[test]
fn a_journal_is_made_once_and_found_ever_after() {
    let database = Database::new("made");
    let missing = Journal::open_postgres(&database.address()).unwrap_err();
    assert!(matches!(&missing, Error::Missing(_)), "{missing:?}");
    assert!(missing.to_string().contains("/made-") && !missing.to_string().contains("shop@"), "{missing}");
    assert!(database.rows("SELECT 1 FROM pg_namespace WHERE nspname = 'wechatpay_journal'").is_empty());
    drop(database.create());
    let exists = Journal::create_postgres(&database.address()).unwrap_err();
    assert!(matches!(exists, Error::Exists(_)), "{exists:?}");
    drop(Journal::open_postgres(&database.address()).unwrap());
}

#[test]
fn of_many_who_make_it_at_once_one_does() {
    let database = Arc::new(Database::new("at-once"));
    let made: Vec<_> = (0..8)
        .map(|_| {
            let database = Arc::clone(&database);
            thread::spawn(move || Journal::create_postgres(&database.address()))
        })
        .collect();
    let made: Vec<_> = made.into_iter().map(|made| made.join().unwrap()).collect();
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1);
    assert_eq!(made.iter().filter(|made| matches!(made, Err(Error::Exists(_)))).count(), 7);
}

#[test]
fn what_others_have_changed_is_named_and_left_as_it_is() {
    let of = |name: &str, change: &str| {
        let database = Database::new(name);
        drop(database.create());
        database.rows(change);
        let error = Journal::open_postgres(&database.address()).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
        error
    };
    let newer = of("newer", "UPDATE journal SET version = 99");
    assert!(matches!(newer, Error::Newer { version: 99, .. }), "{newer:?}");
    for (name, change) in [
        ("no-entries", "DROP TABLE entry"),
        ("no-key", "DELETE FROM journal"),
        ("no-journal", "DROP TABLE journal"),
        ("no-index", "DROP INDEX entry_by_number"),
        ("short-key", "UPDATE journal SET key = '\\x00'"),
    ] {
        let error = of(name, change);
        assert!(matches!(error, Error::Damaged { .. }), "{name}: {error:?}");
    }
}

#[test]
fn what_is_dropped_while_it_is_in_use_stops_the_calls() {
    let shop = Shop::open("dropped");
    shop.order("order-1", 1).unwrap();
    shop.database.rows("ALTER TABLE entry RENAME TO aside");
    let error = crate::shop::refusal(shop.order("order-2", 1));
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    shop.database.rows("ALTER TABLE aside RENAME TO entry");
    shop.order("order-2", 1).unwrap();
    assert_eq!(shop.arrived("/v3/pay"), 2);
}

#[test]
fn another_journal_in_its_place_is_not_taken_for_it() {
    let shop = Shop::open("replaced");
    shop.order("order-1", 1).unwrap();
    // As when a backup is restored, or somebody makes a new one.
    shop.database.rows("DROP SCHEMA wechatpay_journal CASCADE");
    drop(shop.database.create());
    cut(&shop.database.address(), 1.0);
    let error = crate::shop::refusal(shop.order("order-2", 1));
    assert!(matches!(error, Error::Vanished(_)), "{error:?}");
    assert_eq!(shop.arrived("/v3/pay"), 1);
}

#[test]
fn without_durable_writes_there_is_no_journal() {
    let server = own_server("");
    let database = Database::of(server, "not-durable");
    // That of the session is set by the journal.
    database.rows("ALTER ROLE shop SET synchronous_commit = off");
    let shop = Shop::with(database);
    shop.database.rows(
        "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN NEW.known = current_setting(''synchronous_commit''); RETURN NEW; END'",
    );
    shop.database.rows("CREATE TRIGGER noted BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION noted()");
    shop.order("order-1", 1).unwrap();
    assert_eq!(shop.entry("order-1").known(), Some("on"));
    let database = &shop.database;
    database.rows("ALTER SYSTEM SET fsync = off");
    database.rows("SELECT pg_reload_conf()");
    let error = Journal::open_postgres(&database.address()).unwrap_err();
    assert!(format!("{:#}", anyhow::Error::from(error)).contains("`fsync` of this PostgreSQL is off"));
}

#[test]
fn it_works_in_the_thread_of_an_async_runtime() {
    let database = Database::new("async");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let journal = database.create();
        assert!(journal.unsettled(0).unwrap().is_empty());
    });
}

#[test]
fn over_a_network_the_certificate_is_checked() {
    let server = own_server("");
    let database = Database::of(Arc::clone(&server), "tls");
    let folder = server.folder().join("data/db");
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let certificate = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"])
        .args(["-addext", "subjectAltName=DNS:localhost", "-keyout", "server.key", "-out", "server.crt"])
        .current_dir(&folder)
        .output();
    assert!(certificate.unwrap().status.success());
    let owned = ["--reference", "PG_VERSION", "server.key", "server.crt"];
    assert!(Command::new("chown").args(owned).current_dir(&folder).status().unwrap().success());
    for (setting, value) in [("listen_addresses", "localhost"), ("port", &port.to_string()), ("ssl", "on")] {
        database.rows(&format!("ALTER SYSTEM SET {setting} = '{value}'"));
    }
    server.tell("stop");
    server.tell("start");

    let name = database.address().rsplit('/').next().unwrap().to_owned();
    let roots = folder.join("server.crt");
    let checked = format!("sslmode=verify-full&sslrootcert={}", roots.display());
    let url = |host: &str, rest: &str| format!("postgres://shop@{host}:{port}/{name}?{rest}");
    let journal = Journal::create_postgres(&url("localhost", &checked)).unwrap();
    let sql =
        "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'wechatpay-journal'";
    assert_eq!(Database::durable_rows(&url("localhost", ""), sql), ["t"]);
    drop(journal);
    // An authority that nobody knows, and a name that is not in the certificate.
    for refused in [url("localhost", "sslmode=require"), url("127.0.0.1", &checked)] {
        let error = Journal::open_postgres(&refused).unwrap_err();
        assert!(format!("{:#}", anyhow::Error::from(error)).contains("certificate verify failed"), "{refused}");
    }
    // Within the machine.
    Journal::open_postgres(&url("127.0.0.1", "")).unwrap();
}
