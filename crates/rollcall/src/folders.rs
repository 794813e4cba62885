//! Folders for data: for their owner alone, and there after a power cut.

use std::fs::{DirBuilder, File};
use std::io;
use std::path::Path;

/// Makes a folder and those above it that are missing. The name of each is on the disk before this returns.
///
/// # Errors
/// The file system's.
pub(crate) fn make(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().unwrap_or(Path::new(""));
    make(above)?;
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(folder) {
        // Somebody else was faster.
        Err(_) if folder.is_dir() => {}
        made => made?,
    }
    // A folder is known by its name in the one above; until that is synced, all that is synced inside can be lost with it.
    File::open(if above.as_os_str().is_empty() { Path::new(".") } else { above })?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_folder_is_made_for_its_owner_alone() {
        let first = std::env::temp_dir().join(format!("rollcall-folders-{}", std::process::id()));
        let last = first.join("a/b");
        make(&last).expect("made");
        make(&last).expect("there already");
        #[cfg(unix)]
        for folder in [&first, &last] {
            let mode =
                std::os::unix::fs::PermissionsExt::mode(&folder.metadata().expect("a folder").permissions());
            assert_eq!(mode & 0o777, 0o700);
        }
        std::fs::remove_dir_all(first).expect("removed");
    }
}
