//! The layering of the crate, checked on its sources.
//!
//! Every room (a top-level module of `src/`) stands on a floor, and imports only from lower floors. The
//! check reads the text of the sources, so it sees code behind every feature and `cfg`. It also keeps
//! the files small.

#[path = "floors/checker.rs"]
mod checker;
#[path = "floors/paths.rs"]
mod paths;
#[path = "floors/tokens.rs"]
mod tokens;

use paths::imports;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};
use tokens::tokens;

/// Room and floor. Rooms of one floor do not know each other.
const FLOORS: &[(&str, u32)] = &[
    ("scalar", 0),
    ("error", 1),
    ("store", 2),
    ("linalg", 2),
    ("tensorize", 2),
    ("truncation", 2),
    ("optim", 3),
    ("tensor_train", 3),
    ("tensor_ring", 4),
    ("tt_matrix", 4),
    ("tucker", 4),
    ("projection", 5),
    ("admm", 6),
    ("compress", 7),
    ("layers", 7),
    ("io", 8),
    (ROOT, 9),
    // Above the root, because it may re-export what the root re-exports.
    ("prelude", 10),
];
/// The room of `lib.rs`, and of everything that is imported through the crate root.
const ROOT: &str = "lib";
const CRATE_NAME: &str = "tt_admm";
const MAX_LINES: usize = 500;
const MAX_MEDIAN_LINES: usize = 160;

#[test]
fn imports_go_down() {
    // The program is a crate of its own and sees nothing but the public interface.
    let mut library = sources().unwrap();
    library.retain(|(path, _)| !path.starts_with("bin"));
    let report = check(&library);
    assert!(
        report.files > 3 && report.edges > 3,
        "the sources were not found: {report:?}"
    );
    assert!(
        report.violations.is_empty(),
        "{}",
        report.violations.join("\n")
    );
}

#[test]
fn files_are_small() {
    let mut sizes: Vec<(usize, PathBuf)> = sources()
        .unwrap()
        .into_iter()
        .map(|(path, text)| (text.lines().count(), path))
        .collect();
    sizes.sort();
    let median = sizes[sizes.len() / 2].0;
    let mut list = String::new();
    for (lines, path) in sizes
        .iter()
        .rev()
        .filter(|(lines, _)| *lines > MAX_MEDIAN_LINES)
    {
        writeln!(list, "{lines:5} src/{}", path.display()).unwrap();
    }
    let longest = sizes.last().unwrap().0;
    assert!(
        longest <= MAX_LINES,
        "a file has more than {MAX_LINES} lines:\n{list}"
    );
    assert!(
        median <= MAX_MEDIAN_LINES,
        "the median is {median}, above {MAX_MEDIAN_LINES}:\n{list}"
    );
}

/// All `src/**/*.rs`, by path below `src`.
fn sources() -> io::Result<Vec<(PathBuf, String)>> {
    fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                collect(&path, found)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path)?;
                found.push((path, text));
            }
        }
        Ok(())
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &mut found)?;
    for (path, _) in &mut found {
        *path = path
            .strip_prefix(&root)
            .map(Path::to_owned)
            .map_err(io::Error::other)?;
    }
    found.sort();
    Ok(found)
}

#[derive(Debug, Default)]
struct Report {
    files: usize,
    /// Imports from another room.
    edges: usize,
    violations: Vec<String>,
}

fn floor(room: &str) -> Option<u32> {
    FLOORS
        .iter()
        .find(|(name, _)| *name == room)
        .map(|(_, floor)| *floor)
}

fn check(sources: &[(PathBuf, String)]) -> Report {
    let mut report = Report {
        files: sources.len(),
        ..Report::default()
    };
    let rooms: BTreeSet<String> = sources
        .iter()
        .map(|(path, _)| room_of(&module_of(path)))
        .collect();
    for room in rooms.iter().filter(|room| floor(room).is_none()) {
        report
            .violations
            .push(format!("src/{room}: name its floor in tests/floors.rs"));
    }
    for (path, text) in sources {
        let module = module_of(path);
        let room = room_of(&module);
        let Some(own) = floor(&room) else { continue };
        for (line, target) in imports(&tokens(text), &module) {
            // A name that is no room is an item of the crate root.
            let named = room_of(&target);
            let through = if rooms.contains(&named) || floor(&named).is_some() {
                &named
            } else {
                ROOT
            };
            if through == room {
                continue;
            }
            report.edges += 1;
            let Some(other) = floor(through) else {
                continue;
            };
            if other >= own {
                report.violations.push(format!(
                    "src/{}:{line}: `{room}` (floor {own}) imports `crate::{}` from `{through}` (floor {other})",
                    path.display(),
                    target.join("::"),
                ));
            }
        }
    }
    report
}

/// The module that a file holds: `a/b.rs` and `a/b/mod.rs` are both `a::b`, `lib.rs` is the root.
fn module_of(path: &Path) -> Vec<String> {
    let stem = path.with_extension("");
    let mut module: Vec<String> = stem
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    let last = module.last().map(String::as_str);
    if last == Some("mod") || (module.len() == 1 && last == Some("lib")) {
        module.pop();
    }
    module
}

fn room_of(module: &[String]) -> String {
    module.first().map_or(ROOT, String::as_str).to_owned()
}
