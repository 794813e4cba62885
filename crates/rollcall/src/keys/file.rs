//! The key file: one key a line as 64 hexadecimal digits, the current one first, made at the first start.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::{Keyring, SecretKey};
use crate::entropy::Entropy;
use crate::folders;

/// Why the keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read or written.
    #[error("the key file {0} cannot be used: {1}")]
    File(PathBuf, std::io::Error),
    /// A line is no key.
    #[error("the key file {0} is malformed in line {1}: a key is 64 hexadecimal digits")]
    Malformed(PathBuf, usize),
    /// The file is missing although a database is there, whose secrets only its keys open.
    #[error("the key file {0} is missing, but the database exists: restore the file that belongs to it")]
    Missing(PathBuf),
}

/// Reads the keys, or makes the file where there is none and `may_create` says that no data depends on it yet.
///
/// # Errors
/// See [`KeyFileError`].
pub fn load_or_create(path: &Path, may_create: bool, entropy: &dyn Entropy) -> Result<Keyring, KeyFileError> {
    let failed = |error| KeyFileError::File(path.to_owned(), error);
    match fs::read_to_string(path) {
        Ok(text) => parse(path, &text),
        Err(error) if error.kind() == ErrorKind::NotFound && !may_create => {
            Err(KeyFileError::Missing(path.to_owned()))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut key = [0; 32];
            entropy.fill(&mut key);
            let mut name = [0; 8];
            entropy.fill(&mut name);
            create(path, &hex::encode(key), &hex::encode(name)).map_err(failed)?;
            // What stands there counts: another process may have been first.
            parse(path, &fs::read_to_string(path).map_err(failed)?)
        }
        Err(error) => Err(failed(error)),
    }
}

pub(super) fn parse(path: &Path, text: &str) -> Result<Keyring, KeyFileError> {
    let mut keys = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(line, &mut bytes)
            .map_err(|_| KeyFileError::Malformed(path.to_owned(), index + 1))?;
        keys.push(SecretKey::new(&bytes));
    }
    let mut keys = keys.into_iter();
    let current = keys.next().ok_or_else(|| KeyFileError::Malformed(path.to_owned(), 1))?;
    Ok(Keyring::new(current, keys.collect()))
}

/// Whole or not at all: written beside under a name of its own, synced, then put in place unless another process has done so.
fn create(path: &Path, key: &str, name: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    folders::make(folder)?;
    let draft = path.with_extension(format!("{name}.new"));
    let placed = write(&draft, key).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    });
    // Nothing stays behind where it could not be written, either.
    let removed = fs::remove_file(&draft);
    placed.and(removed)?;
    fs::File::open(folder)?.sync_all()
}

fn write(path: &Path, key: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(
        file,
        "# Rollcall's secret keys, the current one first. Keep a copy apart from the backups.\n{key}"
    )?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    #[test]
    fn the_first_key_is_the_current_one_and_comments_do_not_count() {
        let text = format!("# keys\n{}\n\n{}\n", "11".repeat(32), "22".repeat(32));
        let ring = parse(Path::new("keys"), &text).expect("two keys");
        let sealed = ring.seal(&SystemEntropy, "a", b"s");
        let first = Keyring::new(SecretKey::new(&[0x11; 32]), Vec::new());
        assert!(first.open("a", &sealed).is_some());
    }

    #[test]
    fn a_malformed_line_is_named() {
        let error = parse(Path::new("keys"), "# keys\nzz").err().expect("malformed");
        assert!(error.to_string().contains("line 2"), "{error}");
    }
}
