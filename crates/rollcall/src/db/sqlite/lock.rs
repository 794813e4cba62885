//! One process a file: a lock beside the database, held as long as it is open.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::db::OpenError;

/// The lock; the system lets go of it when the process ends, however it ends.
pub(in crate::db) struct FileLock(#[expect(dead_code, reason = "held, never looked at")] File);

impl FileLock {
    pub(in crate::db) fn take(database: &Path) -> Result<Self, OpenError> {
        // The file itself, by whichever link it is reached.
        let file = database.canonicalize().unwrap_or_else(|_| database.to_owned());
        let mut path = file.into_os_string();
        path.push(".lock");
        let failed = |error| OpenError::File(database.to_owned(), error);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(database.to_owned())),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }
}
