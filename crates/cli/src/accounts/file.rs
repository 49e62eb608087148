//! The file of accounts, `poolkeeper.toml`. It says where keys are, and holds none.

use super::config::{AccountConfig, LiveAddress, is_identifier, is_name};
use super::key::{KeySource, refuse_shared};
use crate::Failure;
use crate::folders::config_folder;
use serde::Deserialize;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

const LARGEST_FILE_BYTES: u64 = 1_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountFile {
    #[serde(default)]
    account: Vec<AccountEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountEntry {
    name: String,
    region: Option<String>,
    url: Option<String>,
    on_behalf_of: Option<String>,
    #[serde(default = "yes")]
    allow_on_behalf_of: bool,
    #[serde(default)]
    allow_changes: bool,
    key_env: Option<String>,
    key_file: Option<PathBuf>,
    key_command: Option<Vec<String>>,
}

fn yes() -> bool {
    true
}

/// Where the file is looked for when no other is named. Never the current folder: a file that came with somebody's archive
/// could send the key elsewhere.
pub(crate) fn usual_path() -> Option<PathBuf> {
    config_folder().map(|folder| folder.join("poolkeeper.toml"))
}

/// Reads the accounts of a file.
///
/// # Errors
/// [`Failure`] when it can't be read, others may write to it, or an entry is not valid.
pub(crate) fn read(path: &Path) -> Result<Vec<AccountConfig>, Failure> {
    let reading = |error: std::io::Error| Failure::of(format!("reading {}", path.display()), error);
    let file = File::open(path).map_err(reading)?;
    // Who may write to it may send the key to another address.
    refuse_shared(path, &file.metadata().map_err(reading)?, 0o022)?;
    let mut text = String::new();
    file.take(LARGEST_FILE_BYTES)
        .read_to_string(&mut text)
        .map_err(reading)?;
    parse(&text, path.parent().unwrap_or(Path::new(""))).map_err(|failure| Failure::of(path.display(), failure))
}

/// Reads the names of the accounts in a file's text.
pub(crate) fn decode_accounts(text: &str) -> Result<Vec<String>, Failure> {
    let accounts = parse(text, Path::new(""))?;
    Ok(accounts.into_iter().map(|account| account.name).collect())
}

fn parse(text: &str, folder: &Path) -> Result<Vec<AccountConfig>, Failure> {
    let file: AccountFile = toml::from_str(text).map_err(|error| {
        // The error's own text repeats the line, which may hold a key that somebody put there.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        Failure(format!(
            "line {}: {}",
            before.matches('\n').count() + 1,
            plain(error.message())
        ))
    })?;
    let mut accounts: Vec<AccountConfig> = Vec::new();
    for entry in file.account {
        let account = account(entry, folder)?;
        if accounts.iter().any(|other| other.name == account.name) {
            return Err(Failure(format!("two accounts have the name “{}”", account.name)));
        }
        accounts.push(account);
    }
    Ok(accounts)
}

/// A message without the values it may repeat.
fn plain(message: &str) -> String {
    if message.starts_with("unknown field `key`") {
        return "a key does not belong in this file. Use key_env, key_file or key_command".to_owned();
    }
    if message.starts_with("invalid") {
        return "this is not valid here".to_owned();
    }
    message.lines().next().unwrap_or_default().to_owned()
}

fn account(entry: AccountEntry, folder: &Path) -> Result<AccountConfig, Failure> {
    if !is_name(&entry.name) {
        return Err(Failure(
            "an account's name has letters, digits, “-”, “_” and “.” only, at most 64".to_owned(),
        ));
    }
    let in_account = |problem: &str| Failure(format!("account “{}”: {problem}", entry.name));
    let address = match (&entry.region, &entry.url) {
        (Some(region), None) if ["us", "eu"].contains(&region.as_str()) => LiveAddress::parse(region)?,
        (None, Some(url)) => LiveAddress::parse(url).map_err(|failure| in_account(&failure.0))?,
        _ => return Err(in_account("give either region, “us” or “eu”, or url")),
    };
    let key_source = match (entry.key_env, entry.key_file, entry.key_command) {
        (None, None, None) => KeySource::Usual,
        (Some(name), None, None) => KeySource::Environment(name),
        (None, Some(path), None) => KeySource::File(folder.join(path)),
        (None, None, Some(words)) => KeySource::Program(words),
        _ => return Err(in_account("give one of key_env, key_file and key_command")),
    };
    if entry.on_behalf_of.as_deref().is_some_and(|id| !is_identifier(id)) {
        return Err(in_account("on_behalf_of is an identifier of letters and digits"));
    }
    Ok(AccountConfig {
        place: address.place,
        base: address.base,
        may_act_for_others: entry.allow_on_behalf_of,
        may_change: entry.allow_changes,
        on_behalf_of: entry.on_behalf_of,
        key_source,
        name: entry.name,
    })
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop where it stands"
)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<AccountConfig>, String> {
        parse(text, Path::new("/etc/poolkeeper")).map_err(|failure| failure.0)
    }

    #[test]
    fn accounts_are_read_only_unless_they_say_otherwise() {
        let text = "[[account]]\nname = 'main'\nregion = 'us'\n\n[[account]]\nname = 'lab'\nurl = 'http://127.0.0.1:8025'\n\
                    allow_changes = true\nallow_on_behalf_of = false\nkey_file = 'lab.key'\n";
        let accounts = read_text(text).unwrap();
        assert_eq!(
            (
                accounts[0].place.as_str(),
                accounts[0].may_change,
                accounts[0].may_act_for_others
            ),
            ("US", false, true)
        );
        assert_eq!(accounts[0].key_source, KeySource::Usual);
        assert_eq!(
            (
                accounts[1].place.as_str(),
                accounts[1].may_change,
                accounts[1].may_act_for_others
            ),
            ("127.0.0.1:8025", true, false)
        );
        assert_eq!(
            accounts[1].key_source,
            KeySource::File("/etc/poolkeeper/lab.key".into())
        );
    }

    #[test]
    fn what_is_not_valid_is_named_and_a_key_is_never_repeated() {
        let entry = |more: &str| read_text(&format!("[[account]]\nname = 'a'\n{more}")).unwrap_err();
        for (more, says) in [
            ("region = 'us'\nkey = 'key-0123456789'", "line 4: a key does not belong"),
            (
                "region = 'us'\nallow_changes = 'key-0123456789'",
                "line 4: this is not valid",
            ),
            ("region = 'key-0123456789'", "region"),
            ("region = 'us'\nurl = 'https://example.com'", "either"),
            ("region = 'us'\nkey_env = 'A'\nkey_file = 'b'", "one of"),
            ("region = 'us'\non_behalf_of = 'a b'", "identifier"),
            ("region = 'us'\n[[account]]\nname = 'a'\nregion = 'eu'", "two accounts"),
            ("region = 'us'\n= key-0123456789", "line 4"),
        ] {
            let error = entry(more);
            assert!(error.contains(says) && !error.contains("0123456789"), "{more}: {error}");
        }
        assert!(
            read_text("[[account]]\nname = '../x'\nregion = 'us'")
                .unwrap_err()
                .contains("letters")
        );
        assert!(read_text("").unwrap().is_empty());
    }
}
