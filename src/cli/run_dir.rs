//! Where a run's files go: `OUT/SCENARIO/UTC-SEED/`, and `OUT/latest`.
//!
//! The folder is made before the run, so that a run is not lost for a folder that cannot be
//! written. Files go into a hidden sibling that is renamed when all of them are there: what has
//! its final name is complete. If the run fails, nothing is left behind.

use jiff::Timestamp;
use std::fmt::Display;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Runs of one scenario in one second with one seed.
const SAME_NAME_AT_MOST: u32 = 10_000;

/// What went wrong with a run directory.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} {}: {source}", path.display())]
pub struct RunDirError {
    doing: &'static str,
    path: PathBuf,
    source: io::Error,
}

fn at<'a>(doing: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> RunDirError + 'a {
    move |source| RunDirError { doing, path: path.to_owned(), source }
}

/// A run directory that is not there yet.
#[derive(Debug)]
pub struct RunDir {
    out: PathBuf,
    folder: PathBuf,
    name: String,
    partial: PathBuf,
    /// Folders made on the way, the deepest first; taken away again if they stay empty.
    made: Vec<PathBuf>,
}

/// A run directory with all its files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Published {
    /// The directory.
    pub path: PathBuf,
    /// What went wrong with `latest`: no reason to fail a run.
    pub warning: Option<String>,
}

impl RunDir {
    /// Makes sure that the files of a run can be written below `out`. The label tells its folder
    /// from others of the same second: the seed.
    ///
    /// # Errors
    /// They cannot.
    pub fn prepare(
        out: &Path,
        scenario: &str,
        label: impl Display,
        begin: Timestamp,
    ) -> Result<RunDir, RunDirError> {
        let folder = out.join(folder_name(scenario));
        let absent = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let made: Vec<PathBuf> =
            folder.ancestors().take_while(absent).map(Path::to_owned).collect();
        let name = format!("{}-{label}", begin.strftime("%Y%m%dT%H%M%SZ"));
        let partial = folder.join(format!(".{name}-partial-{}", std::process::id()));
        let mut dir = RunDir { out: out.to_owned(), folder, name, partial, made };
        fs::create_dir_all(&dir.folder).map_err(at("create the report folder", &dir.folder))?;
        for again in 1..SAME_NAME_AT_MOST {
            match fs::create_dir(&dir.partial) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    let name = &dir.name;
                    let id = std::process::id();
                    dir.partial = dir.folder.join(format!(".{name}-partial-{id}-{again}"));
                }
                done => {
                    done.map_err(at("write into the report folder", &dir.folder))?;
                    return Ok(dir);
                }
            }
        }
        Err(at("find a free name in", &dir.folder)(ErrorKind::AlreadyExists.into()))
    }

    /// Writes files, each a name and its bytes, into a folder inside the run directory, such as
    /// `runs/1-7`.
    ///
    /// # Errors
    /// Something could not be written.
    pub fn add(&self, below: &str, files: &[(&str, &[u8])]) -> Result<(), RunDirError> {
        let folder = self.partial.join(below);
        fs::create_dir_all(&folder).map_err(at("create", &folder))?;
        write_all(&folder, files)
    }

    /// Writes the files, each a name and its bytes, gives the directory its name and points
    /// `latest` to it.
    ///
    /// # Errors
    /// Something could not be written; then none of the files is left.
    pub fn publish(self, files: &[(&str, &[u8])]) -> Result<Published, RunDirError> {
        write_all(&self.partial, files)?;
        let path = self.take_name()?;
        Ok(Published { warning: self.point_latest(&path).err(), path })
    }

    /// Renames to the first free name: `UTC-SEED`, `UTC-SEED-2`, …
    fn take_name(&self) -> Result<PathBuf, RunDirError> {
        for number in 1..SAME_NAME_AT_MOST {
            let suffix = if number == 1 { String::new() } else { format!("-{number}") };
            let path = self.folder.join(format!("{}{suffix}", self.name));
            if path.symlink_metadata().is_ok() {
                continue;
            }
            match fs::rename(&self.partial, &path) {
                Ok(()) => return Ok(path),
                // Somebody else was faster.
                Err(error) if taken(error.kind()) => {}
                Err(error) => return Err(at("rename to", &path)(error)),
            }
        }
        Err(at("find a free name in", &self.folder)(ErrorKind::AlreadyExists.into()))
    }

    /// Points `latest` to the directory, or writes its path into `latest.txt` where that does
    /// not work.
    fn point_latest(&self, path: &Path) -> Result<(), String> {
        let target = path.strip_prefix(&self.out).unwrap_or(path);
        let (link, text) = (self.out.join("latest"), self.out.join("latest.txt"));
        let fresh = self.out.join(format!(".latest-{}", std::process::id()));
        if symlink(target, &fresh).and_then(|()| fs::rename(&fresh, &link)).is_ok() {
            // Two answers would be one too many.
            fs::remove_file(&text).ok();
            return Ok(());
        }
        fs::remove_file(&fresh).ok();
        fs::write(&fresh, format!("{}\n", target.display()))
            .and_then(|()| fs::rename(&fresh, &text))
            .map_err(|error| {
                fs::remove_file(&fresh).ok();
                format!("cannot point {} to the run: {error}", link.display())
            })
    }
}

/// Where the baseline of this name is kept.
///
/// # Errors
/// The name is not one plain folder name.
pub fn baseline(out: &Path, name: &str) -> Result<PathBuf, String> {
    if name.is_empty() || name.starts_with('.') || folder_name(name) != name {
        return Err(format!(
            "`{name}` cannot be the name of a baseline: letters, digits, `-`, `_` and `.` can"
        ));
    }
    Ok(out.join("baselines").join(name))
}

/// Keeps files as a baseline, in the place of an older one of the same name.
///
/// # Errors
/// Something could not be written; an older baseline is still there then.
pub fn save_baseline(
    out: &Path,
    name: &str,
    files: &[(&str, &[u8])],
) -> Result<PathBuf, RunDirError> {
    let folder = out.join("baselines");
    let path = folder.join(name);
    let id = std::process::id();
    let (fresh, old) =
        (folder.join(format!(".{name}-{id}")), folder.join(format!(".{name}-{id}-old")));
    fs::create_dir_all(&fresh).map_err(at("create", &fresh))?;
    let replaced = write_all(&fresh, files).and_then(|()| {
        let had = path.exists();
        if had {
            fs::rename(&path, &old).map_err(at("replace", &path))?;
        }
        fs::rename(&fresh, &path).map_err(|error| {
            if had {
                fs::rename(&old, &path).ok();
            }
            at("rename to", &path)(error)
        })
    });
    fs::remove_dir_all(&fresh).ok();
    fs::remove_dir_all(&old).ok();
    replaced.map(|()| path)
}

impl Drop for RunDir {
    /// Takes away what is not complete, and the folders made for it if nothing else is in them.
    fn drop(&mut self) {
        fs::remove_dir_all(&self.partial).ok();
        for folder in &self.made {
            fs::remove_dir(folder).ok();
        }
    }
}

fn write_all(folder: &Path, files: &[(&str, &[u8])]) -> Result<(), RunDirError> {
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(at("write", &path))?;
    }
    Ok(())
}

const fn taken(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty)
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// A folder name for a scenario of any name: one path component that is not hidden and does not
/// hide `latest`.
fn folder_name(scenario: &str) -> String {
    let safe = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let name: String = scenario.chars().map(safe).collect();
    let name = name.trim_start_matches('.');
    match name {
        "" => "scenario".to_owned(),
        "latest" | "latest.txt" | "baselines" => format!("{name}-"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::folder_name;

    #[test]
    fn any_scenario_name_is_one_harmless_folder() {
        for (name, folder) in [
            ("flash-sale", "flash-sale"),
            ("../../etc", "-..-etc"),
            ("a/b c", "a-b-c"),
            ("..", "scenario"),
            ("", "scenario"),
            ("latest", "latest-"),
            ("baselines", "baselines-"),
            ("정산", "정산"),
        ] {
            assert_eq!(folder_name(name), folder);
        }
    }
}
