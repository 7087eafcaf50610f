//! Who is still there. A journal holds an advisory lock of PostgreSQL on the very connection on which it writes; the database
//! releases it when the connection ends. So whatever was recorded, was recorded under a lock that was held.

use postgres::Client;
use postgres::types::Type;

use crate::error::Result;
use crate::store::postgres::address::Address;
use crate::store::postgres::rows;
use crate::store::turns::Turns;

/// The names of a journal: keys of advisory locks that nobody else has.
#[derive(Clone, Copy)]
pub(super) struct Owner {
    /// Under which it writes.
    name: i64,
    /// Under which it wrote before its connection was lost.
    former: Option<i64>,
}

impl Owner {
    /// # Errors
    /// If there are no random numbers.
    pub(super) fn new() -> Result<Owner> {
        Ok(Owner { name: random()?, former: None })
    }

    pub(super) fn name(self) -> i64 {
        self.name
    }

    /// The same journal under a new name, after its connection was lost. One that was never taken is kept.
    ///
    /// # Errors
    /// If there are no random numbers.
    pub(super) fn renamed(self) -> Result<Owner> {
        Ok(Owner { name: random()?, former: Some(self.name) })
    }

    /// Takes the lock. What is in flight becomes its own, after the former connection has ended for certain: it may be that
    /// only this side has lost it, and a transaction of it is still being written.
    ///
    /// # Errors
    /// If the former connection does not end, or the database cannot be written.
    pub(super) fn take(self, client: &mut Client, address: &Address, in_flight: &Turns) -> Result<Owner> {
        let at = |error| address.failed(error);
        let names = [Some(self.name), self.former];
        for name in names.into_iter().flatten() {
            // A connection of the same user, and surely that one: it holds the lock.
            client
                .execute_typed(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks
                     WHERE locktype = 'advisory' AND granted AND mode = 'ExclusiveLock' AND objsubid = 1
                       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                       AND (classid::bigint << 32) | objid::bigint = $1",
                    &[(&name, Type::INT8)],
                )
                .map_err(at)?;
        }
        client.execute_typed("SELECT pg_advisory_lock($1)", &[(&self.name, Type::INT8)]).map_err(at)?;
        if let Some(former) = self.former {
            let mut transaction = client.transaction().map_err(at)?;
            let sql = "SELECT pg_advisory_xact_lock($1)";
            transaction.execute_typed(sql, &[(&former, Type::INT8)]).map_err(at)?;
            rows::take_over(&mut transaction, former, self.name, in_flight).map_err(at)?;
            transaction.commit().map_err(at)?;
        }
        Ok(Owner { name: self.name, former: None })
    }
}

fn random() -> Result<i64> {
    let mut bytes = [0; 8];
    openssl::rand::rand_bytes(&mut bytes).map_err(crate::error::Error::storage)?;
    Ok(i64::from_be_bytes(bytes))
}
