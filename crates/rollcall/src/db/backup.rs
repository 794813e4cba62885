//! Backups of the SQLite file, taken while it is in use, and their way back.
//!
//! Both ways write a file of another name beside the wanted one, check it, sync it, and only then give it its name: whoever sees
//! the name sees a whole database.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use super::sqlite::lock::FileLock;
use super::sqlite::open::make_folder;
use super::{OpenError, inspect};

/// Why a backup or a restore failed: one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Of the database or of the backup.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is something at the place already.
    #[error("{0} exists already; nothing was written")]
    Exists(PathBuf),
    /// A file cannot be written.
    #[error("{0} cannot be written: {1}")]
    File(PathBuf, io::Error),
    /// The copy could not be made.
    #[error("the copy could not be made: {0}")]
    Copy(String),
    /// The copy is damaged, and so must be the original.
    #[error("{0} is damaged: {1}")]
    Damaged(PathBuf, String),
}

/// A whole database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copied {
    /// Its size.
    pub bytes: u64,
    /// The version of its schema.
    pub schema: i64,
}

/// A database that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The whole of it.
    pub copied: Copied,
    /// Where the database went that stood in its place.
    pub former: Option<PathBuf>,
}

/// Copies the database as it stands at one moment into a new file that only its owner can read.
///
/// A server may be running: its readers and its writer are not held up.
///
/// # Errors
/// See [`BackupError`]; then there is no file.
pub fn backup(database: &Path, to: &Path) -> Result<Copied, BackupError> {
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let source = inspect::ours(database)?;
    let partial = Partial::create(to, "partial")?;
    let copied = copy(&source, &partial.path, database)?;
    partial.publish_as_new(to)?;
    Ok(copied)
}

/// Puts a backup in the place of the database. What stood there is kept beside it, whole, unless `discard` says that nobody
/// wants it.
///
/// # Errors
/// See [`BackupError`]: a server that runs, a backup that is damaged, newer, or not ours, a former database that cannot be kept.
/// Then the database is as it was.
pub fn restore(from: &Path, database: &Path, discard: bool) -> Result<Restored, BackupError> {
    let source = inspect::ours(from)?;
    make_folder(database)?;
    let _lock = FileLock::take(database)?;
    let partial = Partial::create(database, "restoring")?;
    let copied = copy(&source, &partial.path, from)?;
    let former = if database.exists() && !discard { Some(keep_beside(database)?) } else { None };
    // The log of the former database must not be taken for that of the new one.
    for end in ["-wal", "-shm"] {
        let log = with_end(database, end);
        match fs::remove_file(&log) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(BackupError::File(log, error));
            }
            _ => {}
        }
    }
    partial.publish_over(database)?;
    Ok(Restored { copied, former })
}

/// Copied, not moved: with its log it is more than one file, and half of them under each name would be no database.
fn keep_beside(database: &Path) -> Result<PathBuf, BackupError> {
    let names = (1_u32..).map(|number| with_end(database, &format!(".former-{number}")));
    for name in names {
        match backup(database, &name) {
            Err(BackupError::Exists(_)) => {}
            kept => return kept.map(|_| name),
        }
    }
    unreachable!("there are more names than files")
}

/// One step, so that a writer between two steps cannot make it begin again.
fn copy(source: &Connection, to: &Path, named: &Path) -> Result<Copied, BackupError> {
    let failed = |error: rusqlite::Error| BackupError::Copy(error.to_string());
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(to, flags).map_err(failed)?;
    Backup::new(source, &mut target).and_then(|backup| backup.step(-1)).map_err(failed)?;
    // One file without a log beside it.
    target.query_row("pragma journal_mode = delete", (), |_| Ok(())).map_err(failed)?;
    let damaged = |why: String| BackupError::Damaged(named.to_owned(), why);
    let found: String = target
        .query_row("pragma integrity_check(1)", (), |row| row.get(0))
        .map_err(|error| damaged(error.to_string()))?;
    if found != "ok" {
        return Err(damaged(found.replace('\n', " ")));
    }
    let dangling = target.prepare("pragma foreign_key_check").and_then(|mut check| check.exists(()));
    if dangling.map_err(failed)? {
        return Err(damaged("a row refers to one that is not there".to_owned()));
    }
    let schema = super::sqlite::migrate::version(&target)?;
    target.close().map_err(|(_, error)| failed(error))?;
    let file = File::open(to).and_then(|file| file.sync_all().map(|()| file));
    let bytes =
        file.and_then(|file| file.metadata()).map_err(|error| BackupError::File(to.to_owned(), error))?.len();
    Ok(Copied { bytes, schema })
}

/// A file under a name that nobody looks at; gone when it is not published.
struct Partial {
    path: PathBuf,
}

impl Partial {
    fn create(wanted: &Path, end: &str) -> Result<Self, BackupError> {
        let path = with_end(wanted, &format!(".{end}-{}", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(_) => Ok(Self { path }),
            Err(error) => Err(BackupError::File(wanted.to_owned(), error)),
        }
    }

    /// A hard link does what a rename does not: it fails where the name is taken, even if it was free a moment ago.
    fn publish_as_new(self, wanted: &Path) -> Result<(), BackupError> {
        match fs::hard_link(&self.path, wanted) {
            Ok(()) => sync_folder(wanted),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(BackupError::Exists(wanted.to_owned()))
            }
            // Some file systems have no hard links.
            Err(_) => self.publish_over(wanted),
        }
    }

    fn publish_over(self, wanted: &Path) -> Result<(), BackupError> {
        fs::rename(&self.path, wanted).map_err(|error| BackupError::File(wanted.to_owned(), error))?;
        sync_folder(wanted)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Gone already once it has its name; the engine may have left a journal.
        let _ = fs::remove_file(&self.path);
        let _ = fs::remove_file(with_end(&self.path, "-journal"));
    }
}

fn sync_folder(file: &Path) -> Result<(), BackupError> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| BackupError::File(file.to_owned(), error))
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(end);
    PathBuf::from(path)
}
