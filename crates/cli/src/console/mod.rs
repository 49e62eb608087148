//! `poolkeeper`: the console in a browser of this machine. This program holds the keys; the browser never sees one.

mod answer;
mod browser;
mod gate;
mod negotiation;
mod page;
mod proxy;
mod record;
mod request_parts;
mod secrets;
mod server;
mod upstream;

use crate::Failure;
use crate::accounts::{AccountArgs, AccountConfig, KeyedAccount};
use crate::line_file::take_file_limits_as_errors;
use crate::record::{ChangeRecordFile, record_path};
use crate::runtime::on_this_thread;
use crate::stop::told_to_stop;
use axum::http::HeaderName;
use gate::{FrontProxy, RequestGate};
use page::PageSource;
use poolkeeper_core::model::escape_unprintable;
use proxy::AccountProxy;
use record::{RecordApi, RecordSource};
use secrets::RunSecrets;
use server::ConsoleServer;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How long requests under way may go on after the program is told to stop.
const LONGEST_FINISH: Duration = Duration::from_secs(60);

/// What the console takes.
#[derive(clap::Args)]
pub(super) struct ConsoleArgs {
    #[command(flatten)]
    accounts: AccountArgs,
    /// Let changes pass to every account; default: to those that the file says
    #[arg(long)]
    allow_changes: bool,
    /// File of the record of changes; default: poolkeeper/record in your state folder
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Port on 127.0.0.1
    #[arg(long, default_value_t = 7878)]
    port: u16,
    /// Do not open a browser
    #[arg(long)]
    no_open: bool,
    /// Serve the page from this folder, not the one inside this program
    #[arg(long, value_name = "FOLDER")]
    page: Option<PathBuf>,
    /// Address to listen on when a proxy in front adds TLS
    #[arg(long, value_name = "ADDRESS", requires = "behind_proxy", conflicts_with = "port")]
    listen: Option<SocketAddr>,
    /// Public host name of a proxy in front that adds TLS; may repeat
    #[arg(long, value_name = "HOST")]
    behind_proxy: Vec<String>,
    /// Header in which that proxy names the person who is signed in
    #[arg(long, value_name = "HEADER", requires = "behind_proxy")]
    user_header: Option<HeaderName>,
    /// Person who may change accounts, by that header; the others only read; may repeat
    #[arg(long, value_name = "NAME", requires = "user_header")]
    operator: Vec<String>,
}

/// Serves until the process is told to stop.
///
/// # Errors
/// [`Failure`] when there is no page, an account can't be used, or the address is taken.
pub(super) fn run(args: &ConsoleArgs) -> Result<(), Failure> {
    let page = PageSource::find(args.page.as_deref())?;
    let configs = accounts(args)?;
    let variables: Vec<String> = configs
        .iter()
        .filter_map(|config| config.key_source.variable())
        .map(str::to_owned)
        .collect();
    let accounts = configs.into_iter().map(|config| {
        let key = config.key_source.read(&config.name)?;
        Ok(KeyedAccount { config, key })
    });
    let accounts = accounts.collect::<Result<Vec<_>, Failure>>()?;
    let record = record_of_changes(args, &accounts)?;
    let proxy = AccountProxy::new(accounts, record.clone());
    let elsewhere = || RecordSource::ReadOnly(record_path(args.record.as_deref()).ok());
    let record = RecordApi::new(record.map_or_else(elsewhere, RecordSource::Written));
    let runtime = on_this_thread()?;
    runtime.block_on(serve(args, page, proxy, record, &variables))
}

/// The record, where an account may be changed.
fn record_of_changes(args: &ConsoleArgs, accounts: &[KeyedAccount]) -> Result<Option<Arc<ChangeRecordFile>>, Failure> {
    if !accounts.iter().any(|account| account.config.may_change) {
        return Ok(None);
    }
    let path = record_path(args.record.as_deref())?;
    Ok(Some(Arc::new(ChangeRecordFile::open(&path)?)))
}

fn accounts(args: &ConsoleArgs) -> Result<Vec<AccountConfig>, Failure> {
    let mut accounts = args.accounts.configs()?;
    for account in &mut accounts {
        account.may_change |= args.allow_changes;
    }
    Ok(accounts)
}

async fn serve(
    args: &ConsoleArgs,
    page: PageSource,
    proxy: AccountProxy,
    record: RecordApi,
    key_variables: &[String],
) -> Result<(), Failure> {
    take_file_limits_as_errors();
    let address = args
        .listen
        .unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, args.port)));
    let listening = |error: std::io::Error| Failure::of(format!("listening on {address}"), error);
    let listener = tokio::net::TcpListener::bind(address).await.map_err(listening)?;
    let port = listener.local_addr().map_err(listening)?.port();
    let front = FrontProxy {
        hosts: args.behind_proxy.clone(),
        user_header: args.user_header.clone(),
        operators: args.operator.clone(),
    };
    let server = Arc::new(ConsoleServer {
        gate: RequestGate::new(port, front, RunSecrets::draw()?),
        page,
        proxy,
        record,
    });
    let accepting = tokio::spawn(server::accept(listener, Arc::clone(&server)));
    introduce(&server);
    if !args.no_open && args.behind_proxy.is_empty() {
        let ticket = server.gate.secrets.single_use_ticket()?;
        let variables: Vec<&str> = key_variables.iter().map(String::as_str).collect();
        browser::open(&format!("{}/?ticket={ticket}", server.gate.public_origin()), &variables);
    }
    told_to_stop().await;
    accepting.abort();
    // A second wish to stop does not wait.
    tokio::select! {
        () = server.proxy.finish() => {}
        () = told_to_stop() => {}
        () = tokio::time::sleep(LONGEST_FINISH) => {}
    }
    Ok(())
}

/// Says where the console is, and what it may do. Whoever started this may wait for the first line.
fn introduce(server: &ConsoleServer) {
    let origin = server.gate.public_origin();
    let link = if server.gate.trusts_every_visit() {
        format!("{origin}/")
    } else {
        format!("{origin}/?ticket={}", server.gate.secrets.ticket)
    };
    let mut text = format!("poolkeeper console: {link}\n");
    for account in server.proxy.accounts() {
        let rights = if account.may_change {
            "changes allowed"
        } else {
            "read-only"
        };
        text += &format!("account {}: {}, {rights}\n", account.name, account.base.as_str());
    }
    if server.proxy.accounts().next().is_none() {
        text += "no live account: the simulator only. See poolkeeper console --help\n";
    }
    let mut stdout = std::io::stdout();
    // The pipe may be closed.
    let _ = stdout
        .write_all(escape_unprintable(&text).as_bytes())
        .and_then(|()| stdout.flush());
}
