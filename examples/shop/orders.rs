//! The shop's own tables.

use std::path::Path;
use std::time::Duration;

use wechatpay_journal::rusqlite::{self, Connection, OpenFlags, OptionalExtension, Row, params};

/// An order of a customer.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The `out_trade_no`: it is chosen before anything is sent, and never changes.
    pub number: String,
    pub description: String,
    /// In fen.
    pub total: i64,
    /// `new`, `placed`, `paid` or `refused`.
    pub state: String,
    /// What the customer's phone scans; there is one once it is placed.
    pub code_url: Option<String>,
}

/// To be run once. A parcel is sent of each payment, so a payment that is booked twice would cost something.
pub const TABLES: &str = "
    CREATE TABLE orders (
        number TEXT PRIMARY KEY,
        description TEXT NOT NULL,
        total INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'placed', 'paid', 'refused')),
        code_url TEXT
    ) STRICT;
    CREATE TABLE parcels (
        number TEXT NOT NULL
    ) STRICT;
";

/// A connection of the shop's own. Several may write to the file, each waits for the others. It never makes the file.
pub fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    // As durable as the journal itself.
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Takes down a new order, unless there is one of this number; the one that there is then.
pub fn insert(connection: &Connection, number: &str, description: &str, total: i64) -> rusqlite::Result<Order> {
    let sql = "INSERT INTO orders (number, description, total) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    connection.execute(sql, params![number, description, total])?;
    connection.query_row("SELECT * FROM orders WHERE number = ?1", [number], order)
}

pub fn get(connection: &Connection, number: &str) -> rusqlite::Result<Option<Order>> {
    connection.query_row("SELECT * FROM orders WHERE number = ?1", [number], order).optional()
}

/// All orders in this state.
pub fn in_state(connection: &Connection, state: &str) -> rusqlite::Result<Vec<Order>> {
    let mut statement = connection.prepare("SELECT * FROM orders WHERE state = ?1 ORDER BY rowid")?;
    statement.query_map([state], order)?.collect()
}

pub fn all(connection: &Connection) -> rusqlite::Result<Vec<Order>> {
    let mut statement = connection.prepare("SELECT * FROM orders ORDER BY rowid")?;
    statement.query_map((), order)?.collect()
}

/// The platform has it. A payment may have been faster than this.
pub fn placed(connection: &Connection, number: &str, code_url: &str) -> rusqlite::Result<()> {
    let sql = "UPDATE orders SET state = iif(state = 'paid', 'paid', 'placed'), code_url = ?2 WHERE number = ?1";
    connection.execute(sql, [number, code_url]).map(drop)
}

pub fn refused(connection: &Connection, number: &str) -> rusqlite::Result<()> {
    connection.execute("UPDATE orders SET state = 'refused' WHERE number = ?1 AND state = 'new'", [number]).map(drop)
}

/// The customer has paid this much: a parcel is to be sent.
pub fn paid(connection: &Connection, number: &str, total: i64) -> anyhow::Result<()> {
    let sql = "UPDATE orders SET state = 'paid' WHERE number = ?1 AND total = ?2";
    anyhow::ensure!(connection.execute(sql, params![number, total])? == 1, "{number} is no order of {total}");
    connection.execute("INSERT INTO parcels (number) VALUES (?1)", [number])?;
    Ok(())
}

/// The orders of which parcels are to be sent.
pub fn parcels(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection.prepare("SELECT number FROM parcels ORDER BY number")?.query_map((), |row| row.get(0))?.collect()
}

fn order(row: &Row<'_>) -> rusqlite::Result<Order> {
    Ok(Order {
        number: row.get("number")?,
        description: row.get("description")?,
        total: row.get("total")?,
        state: row.get("state")?,
        code_url: row.get("code_url")?,
    })
}
