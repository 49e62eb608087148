//! A receiver as the file of rules has it. Its secrets are elsewhere.

use super::receiver::{MailServer, Receiver, ReceiverKind, SecretUrl, USUAL_TIMEOUT};
use crate::Failure;
use crate::accounts::KeySource;
use poolkeeper_watch::QuietHours;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One `[[receiver]]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReceiverTable {
    name: String,
    kind: String,
    quiet: Option<String>,
    timeout_seconds: Option<u64>,
    url: Option<String>,
    url_env: Option<String>,
    url_file: Option<PathBuf>,
    url_command: Option<Vec<String>>,
    command: Option<Vec<String>>,
    server: Option<String>,
    port: Option<u16>,
    security: Option<String>,
    user: Option<String>,
    password_env: Option<String>,
    password_file: Option<PathBuf>,
    password_command: Option<Vec<String>>,
    from: Option<String>,
    #[serde(default)]
    to: Vec<String>,
}

impl ReceiverTable {
    /// The receiver, with its secrets read.
    ///
    /// # Errors
    /// [`Failure`] says what is wrong, and repeats no secret.
    pub(super) fn receiver(&self, folder: &Path) -> Result<Receiver, Failure> {
        receiver_of(self, folder)
    }
}

fn receiver_of(table: &ReceiverTable, folder: &Path) -> Result<Receiver, Failure> {
    let of_receiver = |problem: &str| Failure(format!("receiver “{}”: {problem}", table.name));
    let quiet = match &table.quiet {
        None => None,
        Some(text) => {
            Some(QuietHours::parse(text).ok_or_else(|| of_receiver("enter quiet hours such as 22:00-07:00"))?)
        }
    };
    let kind = match table.kind.as_str() {
        "webhook" => ReceiverKind::Webhook(url(table, folder)?),
        "slack" => ReceiverKind::Slack(url(table, folder)?),
        "command" => match table.command.clone() {
            Some(words) if !words.is_empty() => ReceiverKind::Program(words),
            _ => return Err(of_receiver("command is a list: the program, then its arguments")),
        },
        "mail" => ReceiverKind::Mail(Box::new(mail(table, folder)?)),
        "print" => ReceiverKind::Print,
        _ => return Err(of_receiver("kind is webhook, slack, mail, command or print")),
    };
    let timeout = match table.timeout_seconds {
        None => USUAL_TIMEOUT,
        Some(seconds @ 1..=300) => Duration::from_secs(seconds),
        Some(_) => return Err(of_receiver("timeout_seconds: enter a number from 1 to 300")),
    };
    Ok(Receiver {
        name: table.name.clone(),
        kind,
        quiet,
        timeout,
    })
}

/// One of three sources of a secret.
fn secret_source(
    variable: Option<&String>,
    file: Option<&PathBuf>,
    command: Option<&Vec<String>>,
    folder: &Path,
) -> Option<KeySource> {
    match (variable, file, command) {
        (Some(name), None, None) => Some(KeySource::Environment(name.clone())),
        (None, Some(path), None) => Some(KeySource::File(folder.join(path))),
        (None, None, Some(words)) => Some(KeySource::Program(words.clone())),
        _ => None,
    }
}

fn url(table: &ReceiverTable, folder: &Path) -> Result<SecretUrl, Failure> {
    let source = secret_source(
        table.url_env.as_ref(),
        table.url_file.as_ref(),
        table.url_command.as_ref(),
        folder,
    );
    let text = match (&table.url, source) {
        (Some(url), None) => url.clone(),
        (None, Some(source)) => source.read_text(&table.name)?,
        _ => {
            return Err(Failure(format!(
                "receiver “{}”: give one of url, url_env, url_file and url_command",
                table.name
            )));
        }
    };
    SecretUrl::parse(text.trim()).ok_or_else(|| {
        Failure(format!(
            "receiver “{}”: its address is not one that begins with https:// or http://",
            table.name
        ))
    })
}

fn mail(table: &ReceiverTable, folder: &Path) -> Result<MailServer, Failure> {
    let of_receiver = |problem: &str| Failure(format!("receiver “{}”: {problem}", table.name));
    let source = secret_source(
        table.password_env.as_ref(),
        table.password_file.as_ref(),
        table.password_command.as_ref(),
        folder,
    );
    let login = match (&table.user, source) {
        (Some(user), Some(source)) => Some((user.clone(), source.read_text(&table.name)?.trim().to_owned())),
        (None, None) => None,
        _ => {
            return Err(of_receiver(
                "a user needs one of password_env, password_file and password_command",
            ));
        }
    };
    let server = table.server.clone().ok_or_else(|| of_receiver("server is missing"))?;
    let from = table.from.as_deref().ok_or_else(|| of_receiver("from is missing"))?;
    MailServer::new(
        server,
        table.port,
        table.security.as_deref().unwrap_or("tls"),
        login,
        from,
        &table.to,
    )
    .map_err(|problem| of_receiver(&problem))
}
