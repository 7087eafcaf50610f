//! Entries as rows of PostgreSQL. Moments come and go as how far away they are, so that the clocks of the machines need not agree.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

use postgres::types::{ToSql, Type};
use postgres::{Client, GenericClient, Row, Transaction};
use serde_json::{Map, Value};
use wechatpay::Outcome;

use crate::entry::{Entry, Figures, State};
use crate::rules::{self, Before, Step};
use crate::store::place::{Place, Taken};
use crate::store::turns::Turns;
use crate::store::{Call, End, Finding};

type Result<T> = std::result::Result<T, postgres::Error>;

/// How long a call without a limit is taken to be on its way, when whoever makes it is not there any more.
const UNLIMITED: Duration = Duration::from_secs(60 * 60);

/// An entry under a number of one of the calls.
struct Found {
    number: (String, String, String),
    /// `None` if another transaction writes it.
    known: Option<Locked>,
}

/// An entry that is locked here.
struct Locked {
    place: Place,
    state: State,
    digest: Vec<u8>,
    is_in_flight: bool,
}

/// What is under a number when the next call comes.
struct Known<'a> {
    place: Option<Place>,
    state: State,
    digest: &'a [u8],
    is_in_flight: bool,
}

/// Number, operation and merchant.
type Number<'a> = (&'a str, &'a str, &'a str);

fn number(call: &Call) -> Option<Number<'_>> {
    Some((call.number.as_deref()?, &call.operation, &call.merchant))
}

/// Records calls, or says of each why not.
///
/// What another transaction has locked is not waited for, and new numbers are inserted in one order. So two transactions wait for
/// each other only if one writes what the other has begun to insert a moment before.
pub(super) fn begin(
    transaction: &mut Transaction<'_>,
    calls: &[&Call],
    owner: i64,
    in_flight: &Turns,
) -> Result<Vec<Taken>> {
    let found = find(transaction, calls, owner, in_flight)?;
    let (mut known, mut busy): (HashMap<Number<'_>, Known<'_>>, HashSet<Number<'_>>) = Default::default();
    for Found { number: (number, operation, merchant), known: locked } in &found {
        let number: Number<'_> = (number, operation, merchant);
        let Some(Locked { place, state, digest, is_in_flight }) = locked else {
            busy.insert(number);
            continue;
        };
        known.insert(number, Known { place: Some(*place), state: *state, digest, is_in_flight: *is_in_flight });
    }
    let (mut again, mut new, mut taken) = (Vec::new(), Vec::new(), Vec::with_capacity(calls.len()));
    for (nth, call) in calls.iter().copied().enumerate() {
        let number = number(call);
        if number.is_some_and(|number| busy.contains(&number)) {
            taken.push(Taken::Wait);
            continue;
        }
        let known_now = number.and_then(|number| known.get(&number));
        let before = known_now.map(|known| Before {
            state: known.state,
            is_same: known.digest == call.digest,
            is_in_flight: known.is_in_flight,
        });
        let place = known_now.and_then(|known| known.place);
        taken.push(match rules::step(before.as_ref()) {
            Step::Repeat => Taken::Known,
            Step::Wait => Taken::Wait,
            Step::Refuse => Taken::Refused,
            Step::Send { doubt } => {
                match place {
                    Some(place) => again.push((nth, call, place, doubt)),
                    None => new.push((nth, call)),
                }
                if let Some(number) = number {
                    let sent = Known { place, state: State::Sending, digest: &call.digest, is_in_flight: true };
                    known.insert(number, sent);
                }
                // Unless it is recorded below: then another process was faster.
                Taken::Wait
            }
        });
    }
    let mut recorded = send_again(transaction, &again, owner)?;
    recorded.extend(insert(transaction, new, owner)?);
    for (nth, place) in recorded {
        if let Some(taken) = taken.get_mut(nth) {
            *taken = Taken::Recorded(place);
        }
    }
    Ok(taken)
}

/// What is under the numbers of these calls, locked until the end of the transaction, but for what another transaction has locked.
/// To insert that would be to wait for the other one.
fn find(transaction: &mut Transaction<'_>, calls: &[&Call], owner: i64, in_flight: &Turns) -> Result<Vec<Found>> {
    let mut numbers: Vec<_> = calls.iter().copied().filter_map(number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let column = |field: fn(&Number<'_>) -> String| numbers.iter().map(field).collect::<Vec<_>>();
    // A lock that can be taken is one that its owner does not hold.
    let sql = "
        WITH found AS MATERIALIZED (
            SELECT number, operation, merchant, id, turn, state, digest, owner FROM wechatpay_journal.entry
            WHERE (number, operation, merchant) IN (SELECT * FROM unnest($1, $2, $3))
            FOR UPDATE SKIP LOCKED
        )
        SELECT number, operation, merchant, id, turn, state, digest, owner IS NOT DISTINCT FROM $4,
               state = 'sending' AND owner <> $4 AND NOT pg_try_advisory_xact_lock_shared(owner)
        FROM found
        UNION ALL
        SELECT number, operation, merchant, NULL, NULL, NULL, NULL, NULL, NULL FROM wechatpay_journal.entry AS entry
        WHERE (number, operation, merchant) IN (SELECT * FROM unnest($1, $2, $3))
          AND NOT EXISTS (SELECT FROM found WHERE found.id = entry.id)";
    let rows = transaction.query_typed(
        sql,
        &[
            (&column(|(number, _, _)| (*number).to_owned()), Type::TEXT_ARRAY),
            (&column(|(_, operation, _)| (*operation).to_owned()), Type::TEXT_ARRAY),
            (&column(|(_, _, merchant)| (*merchant).to_owned()), Type::TEXT_ARRAY),
            (&owner, Type::INT8),
        ],
    )?;
    let found = rows.iter().map(|row| {
        let number = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let Some(id) = row.try_get(3)? else { return Ok(Found { number, known: None }) };
        let (place, state) = (Place { id, turn: row.try_get(4)? }, state(row, 5)?);
        let is_there =
            if row.try_get(7)? { in_flight.has(place) } else { row.try_get::<_, Option<bool>>(8)? == Some(true) };
        let is_in_flight = state == State::Sending && is_there;
        Ok(Found { number, known: Some(Locked { place, state, digest: row.try_get(6)?, is_in_flight }) })
    });
    found.collect()
}

/// The contents of calls as columns.
struct Columns<'a> {
    digests: Vec<&'a [u8]>,
    kept: Vec<&'a str>,
    hosts: Vec<&'a str>,
    /// In milliseconds.
    limits: Vec<i64>,
}

impl<'a> Columns<'a> {
    fn of(calls: impl Iterator<Item = &'a Call> + Clone) -> Columns<'a> {
        Columns {
            digests: calls.clone().map(|call| call.digest.as_slice()).collect(),
            kept: calls.clone().map(|call| call.kept.as_str()).collect(),
            hosts: calls.clone().map(|call| call.host.as_str()).collect(),
            limits: calls.map(|call| milliseconds(call.time_left.unwrap_or(UNLIMITED).min(UNLIMITED))).collect(),
        }
    }
}

/// Writes entries anew that are locked; nothing of what was under the number before remains, but if it is in doubt, how old it is
/// and how long it may be on its way.
fn send_again(
    transaction: &mut Transaction<'_>,
    again: &[(usize, &Call, Place, bool)],
    owner: i64,
) -> Result<Vec<(usize, Place)>> {
    if again.is_empty() {
        return Ok(Vec::new());
    }
    let places =
        again.iter().map(|(nth, _, place, _)| (*nth, Place { id: place.id, turn: place.turn.saturating_add(1) }));
    let places: Vec<_> = places.collect();
    let ids: Vec<_> = places.iter().map(|(_, place)| place.id).collect();
    let turns: Vec<_> = places.iter().map(|(_, place)| place.turn).collect();
    let doubts: Vec<_> = again.iter().map(|(_, _, _, doubt)| *doubt).collect();
    let Columns { digests, kept, hosts, limits } = Columns::of(again.iter().map(|(_, call, _, _)| *call));
    transaction.execute_typed(
        "UPDATE wechatpay_journal.entry AS entry
         SET digest = call.digest, kept = call.kept, host = call.host, state = 'sending', owner = $1, turn = call.turn,
             doubt = call.doubt, ended = NULL, status = NULL, code = NULL, request_id = NULL, known = NULL, asked = 0, due = NULL,
             began = CASE WHEN call.doubt THEN began ELSE statement_timestamp() END,
             until = greatest(CASE WHEN call.doubt THEN until END, statement_timestamp() + call.left * interval '1 millisecond')
         FROM unnest($2, $3, $4, $5, $6, $7, $8) AS call (id, turn, doubt, digest, kept, host, \"left\")
         WHERE entry.id = call.id",
        &[
            (&owner, Type::INT8),
            (&ids, Type::INT8_ARRAY),
            (&turns, Type::INT8_ARRAY),
            (&doubts, Type::BOOL_ARRAY),
            (&digests, Type::BYTEA_ARRAY),
            (&kept, Type::TEXT_ARRAY),
            (&hosts, Type::TEXT_ARRAY),
            (&limits, Type::INT8_ARRAY),
        ],
    )?;
    Ok(places)
}

/// Inserts what nobody else has inserted meanwhile.
fn insert(transaction: &mut Transaction<'_>, mut new: Vec<(usize, &Call)>, owner: i64) -> Result<Vec<(usize, Place)>> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    new.sort_by_key(|(_, call)| number(call));
    let calls = || new.iter().map(|(_, call)| *call);
    let merchants: Vec<_> = calls().map(|call| call.merchant.as_str()).collect();
    let operations: Vec<_> = calls().map(|call| call.operation.as_str()).collect();
    let numbers: Vec<_> = calls().map(|call| call.number.as_deref()).collect();
    let Columns { digests, kept, hosts, limits } = Columns::of(calls());
    let rows = transaction.query_typed(
        "INSERT INTO wechatpay_journal.entry
             (merchant, operation, number, digest, kept, host, state, owner, turn, doubt, began, until, asked)
         SELECT merchant, operation, number, digest, kept, host, 'sending', $1, 0, false, statement_timestamp(),
                statement_timestamp() + \"left\" * interval '1 millisecond', 0
         FROM unnest($2, $3, $4, $5, $6, $7, $8) WITH ORDINALITY
             AS call (merchant, operation, number, digest, kept, host, \"left\", nth)
         ORDER BY nth
         ON CONFLICT (number, operation, merchant) WHERE number IS NOT NULL DO NOTHING
         RETURNING id, number, operation, merchant, digest, host",
        &[
            (&owner, Type::INT8),
            (&merchants, Type::TEXT_ARRAY),
            (&operations, Type::TEXT_ARRAY),
            (&numbers, Type::TEXT_ARRAY),
            (&digests, Type::BYTEA_ARRAY),
            (&kept, Type::TEXT_ARRAY),
            (&hosts, Type::TEXT_ARRAY),
            (&limits, Type::INT8_ARRAY),
        ],
    )?;
    // Those without a number may be alike; then it does not matter which is which.
    let mut ids: HashMap<_, Vec<i64>> = HashMap::new();
    for row in &rows {
        let key: (Option<&str>, &str, &str, &[u8], &str) =
            (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?, row.try_get(5)?);
        ids.entry(key).or_default().push(row.try_get(0)?);
    }
    let places = new.iter().filter_map(|(nth, call)| {
        let Call { number, operation, merchant, digest, host, .. } = call;
        let id = ids.get_mut(&(number.as_deref(), operation, merchant, digest, host))?.pop()?;
        Some((*nth, Place { id, turn: 0 }))
    });
    Ok(places.collect())
}

/// What has become of the ends of calls.
#[derive(Default)]
pub(super) struct Ended {
    /// How many are written.
    pub(super) written: usize,
    /// The entries that another transaction writes at the moment.
    pub(super) busy: HashSet<i64>,
}

/// Writes how calls have ended, unless they were sent again or settled meanwhile. One that another process has asked about, as this
/// one seemed to be gone, is not settled by that. An entry that another transaction has locked is not waited for: whoever receives a
/// notification about it may take long.
pub(super) fn end(transaction: &mut Transaction<'_>, ends: &[(Place, End)]) -> Result<Ended> {
    let state = |end: &End, doubt| rules::conclude(end.outcome, end.code.as_deref(), doubt).name();
    let ids: Vec<_> = ends.iter().map(|(place, _)| place.id).collect();
    let turns: Vec<_> = ends.iter().map(|(place, _)| place.turn).collect();
    let states: Vec<_> = ends.iter().map(|(_, end)| state(end, false)).collect();
    let in_doubt: Vec<_> = ends.iter().map(|(_, end)| state(end, true)).collect();
    let statuses: Vec<_> = ends.iter().map(|(_, end)| end.status.map(i32::from)).collect();
    let codes: Vec<_> = ends.iter().map(|(_, end)| end.code.as_deref()).collect();
    let request_ids: Vec<_> = ends.iter().map(|(_, end)| end.request_id.as_deref()).collect();
    let rows = transaction.query_typed(
        "WITH open AS MATERIALIZED (
             SELECT entry.id FROM wechatpay_journal.entry AS entry, unnest($1, $2) AS call (id, turn)
             WHERE entry.id = call.id AND entry.turn = call.turn AND entry.state IN ('sending', 'unknown')
             FOR UPDATE OF entry SKIP LOCKED
         ), written AS (
             UPDATE wechatpay_journal.entry AS entry
             SET state = CASE WHEN doubt THEN call.in_doubt ELSE call.state END, owner = NULL, ended = statement_timestamp(),
                 until = CASE WHEN doubt THEN until END, status = call.status, code = call.code, request_id = call.request_id
             FROM unnest($1, $2, $3, $4, $5, $6, $7) AS call (id, turn, state, in_doubt, status, code, request_id)
             WHERE entry.id = call.id AND entry.id IN (SELECT id FROM open)
             RETURNING entry.id
         )
         SELECT entry.id, entry.id IN (SELECT id FROM written)
         FROM wechatpay_journal.entry AS entry, unnest($1, $2) AS call (id, turn)
         WHERE entry.id = call.id AND entry.turn = call.turn AND entry.state IN ('sending', 'unknown')",
        &[
            (&ids, Type::INT8_ARRAY),
            (&turns, Type::INT8_ARRAY),
            (&states, Type::TEXT_ARRAY),
            (&in_doubt, Type::TEXT_ARRAY),
            (&statuses, Type::INT4_ARRAY),
            (&codes, Type::TEXT_ARRAY),
            (&request_ids, Type::TEXT_ARRAY),
        ],
    )?;
    let mut ended = Ended::default();
    for row in rows {
        if row.try_get(1)? {
            ended.written = ended.written.saturating_add(1);
        } else {
            ended.busy.insert(row.try_get(0)?);
        }
    }
    Ok(ended)
}

/// Gives what was recorded under an earlier owner of this journal to the present one, as far as it is in flight. The rest was
/// never sent: whether it was written was not known, and so its calls were refused.
pub(super) fn take_over(transaction: &mut Transaction<'_>, former: i64, owner: i64, in_flight: &Turns) -> Result<()> {
    let (ids, turns) = in_flight.columns();
    transaction.execute_typed(
        "UPDATE wechatpay_journal.entry AS entry SET owner = $1, state = 'sending', ended = NULL
         FROM unnest($2, $3) AS call (id, turn)
         WHERE entry.id = call.id AND entry.turn = call.turn AND entry.state IN ('sending', 'unknown')",
        &[(&owner, Type::INT8), (&ids, Type::INT8_ARRAY), (&turns, Type::INT8_ARRAY)],
    )?;
    let state = |doubt| rules::conclude(Some(Outcome::NotSent), None, doubt).name();
    transaction.execute_typed(
        "UPDATE wechatpay_journal.entry AS entry
         SET state = CASE WHEN doubt THEN $1 ELSE $2 END, owner = NULL, ended = statement_timestamp(),
             until = CASE WHEN doubt THEN until END
         WHERE state = 'sending' AND owner IN ($3, $4)
           AND NOT EXISTS (SELECT FROM unnest($5, $6) AS call (id, turn) WHERE call.id = entry.id AND call.turn = entry.turn)",
        &[
            (&state(true), Type::TEXT),
            (&state(false), Type::TEXT),
            (&former, Type::INT8),
            (&owner, Type::INT8),
            (&ids, Type::INT8_ARRAY),
            (&turns, Type::INT8_ARRAY),
        ],
    )?;
    Ok(())
}

/// The columns that [`entry`] reads, in its order.
const COLUMNS: &str = "id, merchant, operation, number, kept, host, state, owner, turn, status, code, request_id, known, asked, \
     (extract(epoch FROM began - statement_timestamp()) * 1000)::bigint, \
     (extract(epoch FROM until - statement_timestamp()) * 1000)::bigint, \
     (extract(epoch FROM ended - statement_timestamp()) * 1000)::bigint, \
     (extract(epoch FROM due - statement_timestamp()) * 1000)::bigint";

pub(super) fn unsettled(client: &mut Client, merchant: Option<&str>, after: i64, most: u32) -> Result<Vec<Entry>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM wechatpay_journal.entry
         WHERE state IN ('sending', 'unknown') AND id > $1 AND ($2 IS NULL OR merchant = $2) ORDER BY id LIMIT $3"
    );
    let most = i64::from(most);
    entries(client, &sql, &[(&after, Type::INT8), (&merchant, Type::TEXT), (&most, Type::INT8)])
}

pub(super) fn all(client: &mut Client, after: i64, most: u32) -> Result<Vec<Entry>> {
    let sql = format!("SELECT {COLUMNS} FROM wechatpay_journal.entry WHERE id > $1 ORDER BY id LIMIT $2");
    entries(client, &sql, &[(&after, Type::INT8), (&i64::from(most), Type::INT8)])
}

pub(super) fn under(client: &mut Client, number: &str) -> Result<Vec<Entry>> {
    let sql = format!("SELECT {COLUMNS} FROM wechatpay_journal.entry WHERE number = $1 ORDER BY id");
    entries(client, &sql, &[(&number, Type::TEXT)])
}

/// The same, locked until the end of the transaction.
pub(super) fn under_locked(transaction: &mut Transaction<'_>, number: &str) -> Result<Vec<Entry>> {
    let sql = format!("SELECT {COLUMNS} FROM wechatpay_journal.entry WHERE number = $1 ORDER BY id FOR UPDATE");
    entries(transaction, &sql, &[(&number, Type::TEXT)])
}

/// Writes what the platform has told about an entry by itself.
pub(super) fn told(transaction: &mut Transaction<'_>, place: Place, known: &str) -> Result<()> {
    transaction.execute_typed(
        "UPDATE wechatpay_journal.entry
         SET state = 'done', known = $1, due = NULL, owner = NULL, until = NULL, ended = statement_timestamp()
         WHERE id = $2 AND turn = $3",
        &[(&known, Type::TEXT), (&place.id, Type::INT8), (&place.turn, Type::INT8)],
    )?;
    Ok(())
}

fn entries(client: &mut impl GenericClient, sql: &str, values: &[(&(dyn ToSql + Sync), Type)]) -> Result<Vec<Entry>> {
    let rows = client.query_typed(sql, values)?;
    let now = SystemTime::now();
    rows.iter().map(|row| entry(row, now)).collect()
}

/// Whether one that has begun elsewhere is being sent, and whoever sends it is still there.
pub(super) fn is_in_flight(client: &mut Client, place: Place) -> Result<bool> {
    let sql = "SELECT NOT pg_try_advisory_xact_lock_shared(owner) FROM wechatpay_journal.entry
               WHERE id = $1 AND turn = $2 AND state = 'sending' AND owner IS NOT NULL";
    let rows = client.query_typed(sql, &[(&place.id, Type::INT8), (&place.turn, Type::INT8)])?;
    rows.first().map_or(Ok(false), |row| row.try_get(0))
}

/// Writes what was found out about an entry, unless it or its owner has changed; returns whether it was written.
pub(super) fn find_out(client: &mut Client, place: Place, owner: Option<i64>, finding: &Finding) -> Result<bool> {
    let (state, known, due) = match finding {
        Finding::Done(known) => (State::Done, Some(known), None),
        Finding::NotDone => (State::NotDone, None, None),
        Finding::Later(due) => (State::Unknown, None, Some(until(*due))),
    };
    // One that is still not settled ended when it did, or now that whoever sent it is not there any more.
    let changed = client.execute_typed(
        "UPDATE wechatpay_journal.entry
         SET state = $1, known = $2, due = statement_timestamp() + $3 * interval '1 millisecond', owner = NULL, asked = asked + 1,
             ended = CASE WHEN $1 = 'unknown' THEN coalesce(ended, statement_timestamp()) ELSE statement_timestamp() END,
             until = CASE WHEN $1 = 'unknown' THEN until END
         WHERE id = $4 AND turn = $5 AND owner IS NOT DISTINCT FROM $6 AND state IN ('sending', 'unknown')",
        &[
            (&state.name(), Type::TEXT),
            (&known, Type::TEXT),
            (&due, Type::INT8),
            (&place.id, Type::INT8),
            (&place.turn, Type::INT8),
            (&owner, Type::INT8),
        ],
    )?;
    Ok(changed > 0)
}

pub(super) fn figures(client: &mut Client) -> Result<Figures> {
    let sql = "SELECT state, count(*), (extract(epoch FROM min(began) - statement_timestamp()) * 1000)::bigint
               FROM wechatpay_journal.entry GROUP BY state";
    let rows = client.query_typed(sql, &[])?;
    let now = SystemTime::now();
    let mut figures = Figures { counts: HashMap::new(), oldest_unsettled: None };
    for row in &rows {
        let state = state(row, 0)?;
        figures.counts.insert(state, row.try_get::<_, i64>(1)?.unsigned_abs());
        if !state.is_settled() {
            let began = moment(now, row.try_get(2)?);
            figures.oldest_unsettled = Some(figures.oldest_unsettled.map_or(began, |oldest| oldest.min(began)));
        }
    }
    Ok(figures)
}

pub(super) fn prune(client: &mut Client, before: SystemTime, most: u32) -> Result<u32> {
    let removed = client.execute_typed(
        "DELETE FROM wechatpay_journal.entry WHERE id IN
             (SELECT id FROM wechatpay_journal.entry
              WHERE state NOT IN ('sending', 'unknown') AND ended < statement_timestamp() + $1 * interval '1 millisecond'
              LIMIT $2 FOR UPDATE SKIP LOCKED)",
        &[(&until(before), Type::INT8), (&i64::from(most), Type::INT8)],
    )?;
    Ok(u32::try_from(removed).unwrap_or(u32::MAX))
}

fn entry(row: &Row, now: SystemTime) -> Result<Entry> {
    let operation: &str = row.try_get(2)?;
    let (method, template) = operation.split_once(' ').unwrap_or_default();
    let kept: &str = row.try_get(4)?;
    let moment =
        |column: usize| Ok::<_, postgres::Error>(row.try_get::<_, Option<i64>>(column)?.map(|far| moment(now, far)));
    Ok(Entry {
        id: row.try_get::<_, i64>(0)?.unsigned_abs(),
        merchant: row.try_get(1)?,
        method: method.to_owned(),
        template: template.to_owned(),
        number: row.try_get(3)?,
        kept: serde_json::from_str::<Map<String, Value>>(kept).unwrap_or_default(),
        host: row.try_get(5)?,
        state: state(row, 6)?,
        owner: row.try_get::<_, Option<i64>>(7)?.map(|owner| owner.to_string()),
        turn: row.try_get::<_, i64>(8)?.unsigned_abs(),
        status: row.try_get::<_, Option<i32>>(9)?.and_then(|status| u16::try_from(status).ok()),
        code: row.try_get(10)?,
        request_id: row.try_get(11)?,
        known: row.try_get(12)?,
        asked: u32::try_from(row.try_get::<_, i64>(13)?).unwrap_or(u32::MAX),
        began: moment(14)?.unwrap_or(now),
        until: moment(15)?,
        ended: moment(16)?,
        due: moment(17)?,
    })
}

fn state(row: &Row, column: usize) -> Result<State> {
    // The table has no others.
    Ok(State::of(row.try_get(column)?).unwrap_or(State::Unknown))
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// How far away a moment is, in milliseconds; less than zero if it is over.
pub(super) fn until(moment: SystemTime) -> i64 {
    match moment.duration_since(SystemTime::now()) {
        Ok(left) => milliseconds(left),
        Err(over) => milliseconds(over.duration()).saturating_neg(),
    }
}

fn moment(now: SystemTime, far: i64) -> SystemTime {
    let far_away = Duration::from_millis(far.unsigned_abs());
    let moment = if far < 0 { now.checked_sub(far_away) } else { now.checked_add(far_away) };
    moment.unwrap_or(now)
}
