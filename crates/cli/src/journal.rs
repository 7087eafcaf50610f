//! The journal of calls that can have an effect: where it is, how it is opened, and what to do about what is wrong with it.

use wechatpay_journal::{Error, Journal};

use crate::exit::Exit;
use crate::failure::{Failure, Result, with_causes};
use crate::settings::{Given, Origin, Settings};
use crate::shell;

/// How the address of a database begins.
const DATABASES: [&str; 2] = ["postgres://", "postgresql://"];

/// Where a journal is, for commands that are shown to be pasted, too.
#[derive(Clone, Debug)]
pub struct Place {
    given: Given<String>,
    /// The words by which the settings were given.
    settings: Vec<String>,
}

impl Place {
    /// The journal of a flag, or else of the settings; `None` without one.
    pub fn find(flag: Option<(&str, &str)>, settings: &Settings) -> Result<Option<Place>> {
        let of_flag = flag.map(|(flag, value)| Given { value: value.to_owned(), from: Origin::Flag(flag.to_owned()) });
        let Some(given) = of_flag.or_else(|| settings.journal.clone()) else { return Ok(None) };
        if given.value.contains("://") {
            given.refuse_password("journal")?;
        }
        let is_other = given.value.contains("://") && !is_database(&given.value);
        if is_other || given.value.is_empty() {
            return Err(Failure::usage(format!("{}: a journal is a file, or at an address postgres://…", given.from)));
        }
        Ok(Some(Place { given, settings: settings.words() }))
    }

    /// Opens it.
    pub fn open(&self) -> Result<Journal> {
        let opened = if is_database(&self.given.value) {
            self.database(Postgres::Open)?
        } else {
            Journal::open(&self.given.value)
        };
        opened.map_err(|error| self.failure(&error))
    }

    /// Makes a new one.
    pub fn create(&self) -> Result<Journal> {
        let created = if is_database(&self.given.value) {
            self.database(Postgres::Create)?
        } else {
            Journal::create(&self.given.value)
        };
        created.map_err(|error| self.failure(&error))
    }

    #[cfg(feature = "postgres")]
    fn database(&self, what: Postgres) -> Result<wechatpay_journal::Result<Journal>> {
        Ok(match what {
            Postgres::Open => Journal::open_postgres(&self.given.value),
            Postgres::Create => Journal::create_postgres(&self.given.value),
        })
    }

    #[cfg(not(feature = "postgres"))]
    fn database(&self, _: Postgres) -> Result<wechatpay_journal::Result<Journal>> {
        Err(Failure::usage(format!("{}: this `wechatpay` was built without PostgreSQL", self.given.from))
            .next("build it with the feature `postgres`, which it has by default"))
    }

    /// A command about this journal, ready to paste.
    pub fn command(&self, words: &[&str]) -> String {
        let mut line = vec!["wechatpay"];
        line.extend(self.settings.iter().map(String::as_str));
        line.push("journal");
        line.extend(words);
        // Otherwise it is where the next command looks for it, too.
        if matches!(self.given.from, Origin::Flag(_)) {
            line.extend(["--db", &self.given.value]);
        }
        shell::line(line)
    }

    /// What is wrong with it, and what to do.
    pub fn failure(&self, error: &Error) -> Failure {
        let exit = match error {
            Error::Conflict(_) | Error::InFlight(_) => Exit::NotSent,
            Error::Missing(_)
            | Error::Exists(_)
            | Error::NotAJournal(_)
            | Error::Newer { .. }
            | Error::NotUnsettled(_) => Exit::Usage,
            _ => Exit::Failed,
        };
        let message = match error {
            Error::Missing(path) => format!("there is no journal at {}", path.display()),
            error => with_causes(error),
        };
        let may_pass = matches!(error, Error::Missing(_) | Error::Vanished(_) | Error::Storage(_));
        let failure = Failure::new(exit, message).passing(may_pass);
        match error {
            Error::Missing(_) => failure
                .next("if there was one, look for it: it holds what nobody else remembers")
                .next(format!("a first one is made by: {}", self.command(&["create"]))),
            Error::Exists(_) => failure.next(self.command(&["list"])),
            Error::Damaged { .. } | Error::Vanished(_) => {
                failure.next("nothing was changed; look for the file or its backup before you make a new one")
            }
            Error::Newer { .. } => failure.next("install a newer `wechatpay`"),
            Error::Conflict(number) => failure
                .next(self.command(&["show", number.number()]))
                .next("if it is the same thing, send the same content again; for another thing, take another number"),
            Error::InFlight(number) => failure.next("wait for its end").next(self.command(&["show", number.number()])),
            Error::NotUnsettled(id) => failure.next(self.command(&["show", &id.to_string()])),
            _ => failure,
        }
    }
}

/// What to do with a database.
#[derive(Clone, Copy)]
enum Postgres {
    Open,
    Create,
}

fn is_database(place: &str) -> bool {
    DATABASES.iter().any(|scheme| place.starts_with(scheme))
}
