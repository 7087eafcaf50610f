//! Entries as rows of SQLite.

use std::time::{Duration, SystemTime};

use rusqlite::types::Type;
use rusqlite::{Connection, Row, named_params, params};
use serde_json::{Map, Value};

use crate::entry::{Entry, Figures, State};
use crate::rules::{self, Before, Step};
use crate::store::place::{Place, Taken};
use crate::store::{Call, End, Finding};

type Result<T> = rusqlite::Result<T>;

/// What there is under the number of a call.
struct Found {
    place: Place,
    before: Before,
    began: i64,
}

/// Records a call, or says why not. `is_there` says whether the owner of an entry is still sending it.
pub(super) fn begin(
    connection: &Connection,
    call: &Call,
    owner: &str,
    is_there: impl Fn(Option<&str>, Place) -> bool,
) -> Result<Taken> {
    let now = milliseconds(SystemTime::now());
    if let Some(id) = insert(connection, call, owner, now)? {
        return Ok(Taken::Recorded(Place { id, turn: 0 }));
    }
    let Found { place, before, began } = find(connection, call, is_there)?;
    let doubt = match rules::step(Some(&before)) {
        Step::Send { doubt } => doubt,
        Step::Repeat => return Ok(Taken::Known),
        Step::Wait => return Ok(Taken::Wait),
        Step::Refuse => return Ok(Taken::Refused),
    };
    let place = Place { turn: place.turn.saturating_add(1), ..place };
    // One that is in doubt is as old as its first sending. Nothing of what was under the number before remains.
    let mut statement = connection.prepare_cached(
        "UPDATE entry SET digest = ?2, kept = ?3, host = ?4, state = 'sending', owner = ?5, turn = ?6, doubt = ?7, began = ?8,
                          ended = NULL, status = NULL, code = NULL, request_id = NULL, known = NULL, asked = 0, due = NULL
         WHERE id = ?1",
    )?;
    let began = if doubt { began } else { now };
    statement.execute(params![place.id, call.digest, call.kept, call.host, owner, place.turn, doubt, began])?;
    Ok(Taken::Recorded(place))
}

/// Records a call under a number that is new, or without one; `None` if there is something under it.
fn insert(connection: &Connection, call: &Call, owner: &str, began: i64) -> Result<Option<i64>> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO entry (merchant, operation, number, digest, kept, host, state, owner, turn, doubt, began, asked)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'sending', ?7, 0, FALSE, ?8, 0)
         ON CONFLICT DO NOTHING",
    )?;
    let Call { merchant, operation, number, digest, host, .. } = call;
    let inserted = statement.execute(params![merchant, operation, number, digest, call.kept, host, owner, began])?;
    Ok((inserted > 0).then(|| connection.last_insert_rowid()))
}

/// What there is under the number of a call.
fn find(connection: &Connection, call: &Call, is_there: impl Fn(Option<&str>, Place) -> bool) -> Result<Found> {
    let mut statement = connection.prepare_cached(
        "SELECT id, turn, state, digest = ?4, owner, began FROM entry
         WHERE number = ?1 AND operation = ?2 AND merchant = ?3",
    )?;
    statement.query_row(params![call.number, call.operation, call.merchant, call.digest], |row| {
        let place = Place { id: row.get(0)?, turn: row.get(1)? };
        let (state, owner) = (state(row, 2)?, row.get::<_, Option<String>>(4)?);
        let is_in_flight = state == State::Sending && is_there(owner.as_deref(), place);
        let before = Before { state, is_same: row.get(3)?, is_in_flight };
        Ok(Found { place, before, began: row.get(5)? })
    })
}

/// Writes how a call has ended, unless it was sent again meanwhile.
pub(super) fn end(connection: &Connection, place: Place, end: &End) -> Result<()> {
    let state = |doubt| rules::conclude(end.outcome, end.code.as_deref(), doubt).name();
    let mut statement = connection.prepare_cached(
        "UPDATE entry SET state = iif(doubt, ?3, ?4), owner = NULL, ended = ?5, status = ?6, code = ?7, request_id = ?8
         WHERE id = ?1 AND turn = ?2 AND state = 'sending'",
    )?;
    let (Place { id, turn }, now) = (place, milliseconds(SystemTime::now()));
    statement.execute(params![id, turn, state(true), state(false), now, end.status, end.code, end.request_id])?;
    Ok(())
}

/// Does something in one transaction, which no other process writes meanwhile.
pub(super) fn transaction<T>(connection: &Connection, work: impl FnOnce() -> Result<T>) -> Result<T> {
    open(connection)?;
    close(connection, work())
}

/// Begins a transaction.
pub(super) fn open(connection: &Connection) -> Result<()> {
    // One that a panic has left open.
    if !connection.is_autocommit() {
        connection.prepare_cached("ROLLBACK")?.execute(())?;
    }
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute(()).map(drop)
}

/// Ends it: what was done is committed, or undone if it has failed.
pub(super) fn close<T, E: From<rusqlite::Error>>(
    connection: &Connection,
    done: std::result::Result<T, E>,
) -> std::result::Result<T, E> {
    let done = done.and_then(|done| {
        connection.prepare_cached("COMMIT")?.execute(())?;
        Ok(done)
    });
    // Some failures end the transaction by themselves.
    if done.is_err() && !connection.is_autocommit() {
        connection.prepare_cached("ROLLBACK")?.execute(())?;
    }
    done
}

/// What [`entry`] reads, in its order.
const COLUMNS: &str = "id, merchant, operation, number, kept, host, state, owner, turn, began, ended, status, code, \
                       request_id, known, asked, due";

pub(super) fn unsettled(connection: &Connection, merchant: Option<&str>, after: i64, most: u32) -> Result<Vec<Entry>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM entry INDEXED BY entry_by_state
         WHERE state IN ('sending', 'unknown') AND id > ?1 AND (?2 IS NULL OR merchant = ?2) ORDER BY id LIMIT ?3"
    ))?;
    statement.query_map(params![after, merchant, most], entry)?.collect()
}

pub(super) fn entries(connection: &Connection, after: i64, most: u32) -> Result<Vec<Entry>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM entry WHERE id > ?1 ORDER BY id LIMIT ?2"))?;
    statement.query_map(params![after, most], entry)?.collect()
}

pub(super) fn under(connection: &Connection, number: &str) -> Result<Vec<Entry>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM entry WHERE number = ?1 ORDER BY id"))?;
    statement.query_map([number], entry)?.collect()
}

/// Writes what was found out about an entry; returns whether it still was as it is here.
pub(super) fn find_out(connection: &Connection, place: Place, finding: &Finding) -> Result<bool> {
    let (state, known, due) = match finding {
        Finding::Done(known) => (State::Done, Some(known), None),
        Finding::NotDone => (State::NotDone, None, None),
        Finding::Later(due) => (State::Unknown, None, Some(milliseconds(*due))),
    };
    // One that is still not settled ended when it did, or now that whoever sent it is not there any more.
    let mut statement = connection.prepare_cached(
        "UPDATE entry SET state = :state, known = :known, due = :due, owner = NULL, asked = asked + 1,
                          ended = iif(:state = 'unknown', coalesce(ended, :now), :now)
         WHERE id = :id AND turn = :turn AND state IN ('sending', 'unknown')",
    )?;
    let changed = statement.execute(named_params! {
        ":id": place.id,
        ":turn": place.turn,
        ":state": state.name(),
        ":known": known,
        ":due": due,
        ":now": milliseconds(SystemTime::now()),
    })?;
    Ok(changed > 0)
}

/// Writes what the platform has said by itself about an entry.
pub(super) fn told(connection: &Connection, place: Place, known: &str) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "UPDATE entry SET state = 'done', known = ?3, due = NULL, owner = NULL, ended = ?4 WHERE id = ?1 AND turn = ?2",
    )?;
    statement.execute(params![place.id, place.turn, known, milliseconds(SystemTime::now())])?;
    Ok(())
}

pub(super) fn figures(connection: &Connection) -> Result<Figures> {
    let mut statement = connection.prepare_cached("SELECT state, count(*) FROM entry GROUP BY state")?;
    let counts = statement.query_map((), |row| Ok((state(row, 0)?, row.get::<_, i64>(1)?.unsigned_abs())))?;
    let counts = counts.collect::<Result<_>>()?;
    let mut statement = connection.prepare_cached(
        "SELECT min(began) FROM entry INDEXED BY entry_by_state WHERE state IN ('sending', 'unknown')",
    )?;
    let oldest = statement.query_row((), |row| row.get::<_, Option<i64>>(0))?;
    Ok(Figures { counts, oldest_unsettled: oldest.map(moment) })
}

pub(super) fn prune(connection: &Connection, before: SystemTime, most: u32) -> Result<u32> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM entry WHERE id IN
             (SELECT id FROM entry WHERE state = ?1 AND ended < ?2 LIMIT ?3)",
    )?;
    let (before, mut removed) = (milliseconds(before), 0_u32);
    for state in State::ALL.iter().filter(|state| state.is_settled()) {
        let left = most.saturating_sub(removed);
        let more = statement.execute(params![state.name(), before, left])?;
        removed = removed.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
    }
    Ok(removed)
}

fn entry(row: &Row<'_>) -> Result<Entry> {
    let operation: String = row.get(2)?;
    let (method, template) = operation.split_once(' ').unwrap_or_default();
    let kept: String = row.get(4)?;
    Ok(Entry {
        id: row.get::<_, i64>(0)?.unsigned_abs(),
        merchant: row.get(1)?,
        method: method.to_owned(),
        template: template.to_owned(),
        number: row.get(3)?,
        kept: serde_json::from_str::<Map<String, Value>>(&kept).map_err(|error| wrong(4, error))?,
        host: row.get(5)?,
        state: state(row, 6)?,
        owner: row.get(7)?,
        turn: row.get::<_, i64>(8)?.unsigned_abs(),
        began: moment(row.get(9)?),
        ended: row.get::<_, Option<i64>>(10)?.map(moment),
        // Whoever is not there has certainly died.
        until: None,
        status: row.get(11)?,
        code: row.get(12)?,
        request_id: row.get(13)?,
        known: row.get(14)?,
        asked: row.get(15)?,
        due: row.get::<_, Option<i64>>(16)?.map(moment),
    })
}

fn state(row: &Row<'_>, column: usize) -> Result<State> {
    let name: String = row.get(column)?;
    State::of(&name).ok_or_else(|| wrong(column, format!("there is no state {name:?}")))
}

fn wrong(column: usize, what: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.into())
}

/// Milliseconds since 1970.
pub(super) fn milliseconds(moment: SystemTime) -> i64 {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn moment(milliseconds: i64) -> SystemTime {
    let since = Duration::from_millis(milliseconds.unsigned_abs());
    SystemTime::UNIX_EPOCH.checked_add(since).unwrap_or(SystemTime::UNIX_EPOCH)
}
