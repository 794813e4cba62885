//! A transaction: the only way to change anything, and it ends by naming what was done.

use std::cell::Cell;
use std::ops::Deref;

use jiff::Timestamp;

use super::{Args, Error, Reader, Sql, audit_chain, mark};
use crate::domain::event::{Action, By, Event};
use crate::domain::reach::Reach;
use crate::entropy::Entropy;

/// A transaction of a command.
pub struct Tx<'a> {
    reader: Reader<'a>,
    entropy: &'a dyn Entropy,
    wakes_worker: Cell<bool>,
}

/// A command that has named its event. Only [`Tx::commit`] makes one, so that none can be forgotten.
#[derive(Debug)]
#[must_use]
pub struct Committed<T> {
    pub(super) value: T,
    pub(super) wakes_worker: bool,
    pub(super) reach: Reach,
}

impl<'a> Deref for Tx<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Reader<'a> {
        &self.reader
    }
}

impl<'a> Tx<'a> {
    pub(super) fn new(reader: Reader<'a>, entropy: &'a dyn Entropy) -> Self {
        Self { reader, entropy, wakes_worker: Cell::new(false) }
    }

    /// Runs a statement that changes rows, and says how many.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn execute(&self, sql: impl Into<Sql>, args: impl Args) -> Result<u64, Error> {
        self.reader.execute(sql.into(), &args)
    }

    /// Runs a statement that changes rows, and lets the next one, or the commit, tell of its failure: on PostgreSQL it goes out with that, at no
    /// round trip of its own.
    ///
    /// # Errors
    /// See [`Error`]; of this statement or of one that was sent before.
    pub fn send(&self, sql: impl Into<Sql>, args: impl Args) -> Result<(), Error> {
        self.reader.send(sql.into(), &args)
    }

    /// Runs a statement that takes rows and holds them until the commit, so that what is read after it stays true. PostgreSQL's alone:
    /// SQLite's commands come one after another anyway.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn lock(&self, postgres: &'static str, args: impl Args) -> Result<(), Error> {
        self.reader.lock(postgres, &args)
    }

    /// Whether other commands may run beside this one. SQLite's come one after another.
    #[must_use]
    pub fn has_rivals(&self) -> bool {
        self.reader.has_rivals()
    }

    /// Takes what a number stands for until the commit, unless another command, of whichever process, holds it.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn claim(&self, number: i64) -> Result<bool, Error> {
        self.reader.claim(number)
    }

    /// Does some work, and takes it back unless it says that it is to stay, which is what it gives: so that the time of an answer does
    /// not tell whether there was anything to do.
    ///
    /// # Errors
    /// Those of the work. It fails the command then, and nothing of either stays.
    pub fn stays_if<E: From<Error>>(&self, work: impl FnOnce(&Self) -> Result<bool, E>) -> Result<bool, E> {
        let wakes_worker = self.wakes_worker.get();
        self.execute("savepoint perhaps", ())?;
        // As many statements either way. A savepoint that was gone back to ends with the transaction.
        let stays = work(self)?;
        if stays {
            self.execute("release savepoint perhaps", ())?;
        } else {
            self.wakes_worker.set(wakes_worker);
            self.execute("rollback to savepoint perhaps", ())?;
        }
        Ok(stays)
    }

    /// A message was put into the outbox: the worker is woken after the commit.
    pub fn queue_delivery(&self) {
        self.wakes_worker.set(true);
    }

    /// Ends the command: writes its event into the audit log and lets the engine commit.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn commit<T>(self, by: &By, now: Timestamp, event: Event, value: T) -> Result<Committed<T>, Error> {
        self.commit_all(by, now, &[event], value)
    }

    /// The same for a command that did several things.
    ///
    /// # Errors
    /// See [`Error`].
    pub fn commit_all<T>(
        self,
        by: &By,
        now: Timestamp,
        events: &[Event],
        value: T,
    ) -> Result<Committed<T>, Error> {
        for event in events.iter().filter(|event| event.action != Action::Upkeep) {
            audit_chain::append(&self, self.entropy, by, now, event)?;
        }
        let reach = events.iter().map(Event::reach).fold(Reach::Nobody, Reach::and);
        if reach == Reach::Everybody && self.has_rivals() {
            self.send(mark::COUNT, ())?;
        }
        Ok(Committed { value, wakes_worker: self.wakes_worker.get(), reach })
    }
}
