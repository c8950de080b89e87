//! Files that are whole or absent, whenever the process is killed.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Writes a file beside its place, waits until it is on the disk, and moves it there.
///
/// # Errors
///
/// Those of the file system; what was at `path` is then still there.
///
/// # Examples
///
/// ```
/// use example_support::files;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("state");
/// files::write(&path, b"one")?;
/// files::write(&path, b"two")?;
/// assert_eq!(std::fs::read(&path)?, b"two");
/// assert_eq!(std::fs::read_dir(folder.path())?.count(), 1);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!("{name}.part"));
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    // The new name is on the disk only when its folder is.
    match path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        Some(folder) => File::open(folder)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}
