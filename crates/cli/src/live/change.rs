//! A change of a live account: tried, said, recorded, sent.

use super::connection::LiveConnection;
use super::listing::{OutputFormat, print};
use super::outcome::{RecordedResult, forecast_text, print_result};
use crate::Failure;
use crate::account_client::sleep;
use crate::clock::now_utc;
use crate::record::{ChangeRecordFile, read_record, record_path};
use crate::terminal::say;
use futures::future::LocalBoxFuture;
use poolkeeper_account::change::Proposal;
use poolkeeper_account::forecast::{Forecast, forecast_live};
use poolkeeper_account::fork::dry_run_copy::copy_with_gaps;
use poolkeeper_account::former_senders::FormerSenders;
use poolkeeper_account::record::{
    ChangeId, ChangeIntent, ChangeOrigin, ChangeRecord, ItemAnswer, MOST_ITEMS, RecordEntry,
};
use poolkeeper_account::sending::{ChangeResult, ChangeSender, NextStep, SendRecorder, StopReason, accounts_of};
use poolkeeper_core::text::counted;
use poolkeeper_simulator::server::Simulator;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;

/// How a change is made.
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("wish").required(true).args(["dry_run", "yes"])))]
pub(crate) struct ChangeArgs {
    /// Say what it would do, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Send it, after it was tried
    #[arg(long)]
    yes: bool,
    /// With --yes: send it although the dry run refuses it or could not be made; Mailgun decides
    #[arg(long, requires = "yes")]
    send_anyway: bool,
    #[command(flatten)]
    pub(super) record: RecordArg,
}

/// Where the record of changes is.
#[derive(clap::Args)]
pub(crate) struct RecordArg {
    /// File of the record of changes; default: poolkeeper/record in your state folder
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
}

impl RecordArg {
    fn path(&self) -> Result<PathBuf, Failure> {
        record_path(self.record.as_deref())
    }

    /// What the record holds, also while another process writes it.
    pub(super) fn read(&self) -> Result<ChangeRecord, Failure> {
        let path = self.path()?;
        read_record(&path).map_err(|error| Failure::of(format!("reading {}", path.display()), error))
    }
}

impl ChangeArgs {
    /// Tries a change and sends nothing.
    pub(super) const fn only_tried() -> Self {
        Self {
            dry_run: true,
            yes: false,
            send_anyway: false,
            record: RecordArg { record: None },
        }
    }

    /// Whether it is sent.
    pub(super) const fn is_sent(&self) -> bool {
        self.yes
    }
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommandEnd {
    /// What was asked for is done.
    Done,
    /// The dry run refuses the change. Nothing was sent.
    Refused,
    /// Not all of the change was made; the record lists what.
    Incomplete,
}

impl From<CommandEnd> for ExitCode {
    fn from(end: CommandEnd) -> Self {
        match end {
            CommandEnd::Done => Self::SUCCESS,
            CommandEnd::Refused => Self::from(3),
            CommandEnd::Incomplete => Self::from(4),
        }
    }
}

/// A change, and what it is in the record.
pub(super) struct ProposedChange {
    pub(super) proposal: Proposal,
    pub(super) origin: ChangeOrigin,
    /// What reading the account showed of an earlier attempt; recorded before anything is sent.
    pub(super) found: Vec<RecordEntry>,
}

impl From<Proposal> for ProposedChange {
    fn from(proposal: Proposal) -> Self {
        Self {
            proposal,
            origin: ChangeOrigin::New,
            found: Vec::new(),
        }
    }
}

/// Tries a change, says what it would do, and sends it if that is wanted.
pub(super) async fn send(
    connection: &LiveConnection,
    change: ProposedChange,
    args: &ChangeArgs,
) -> Result<CommandEnd, Failure> {
    let proposal = &change.proposal;
    if proposal.steps.is_empty() {
        if args.yes && !change.found.is_empty() {
            let file = ChangeRecordFile::open(&args.record.path()?)?;
            file.append(&change.found, SENDER).map_err(not_recorded)?;
        }
        print_result(connection.output, proposal, None, None)?;
        return Ok(CommandEnd::Done);
    }
    if proposal.steps.len() > MOST_ITEMS {
        return Err(Failure(format!(
            "one change has at most {}. Send it in parts",
            counted(MOST_ITEMS as u64, "request")
        )));
    }
    let (forecast, copy) = tried(connection, proposal).await;
    let may_send = forecast.may_send() || (args.send_anyway && forecast.may_send_anyway());
    if args.dry_run || !may_send {
        print_result(connection.output, proposal, Some(&forecast), None)?;
        return Ok(if forecast.may_send() {
            CommandEnd::Done
        } else {
            CommandEnd::Refused
        });
    }
    if connection.output == OutputFormat::Table {
        print(&forecast_text(proposal, &forecast))?;
    }
    let copy = copy.filter(|_| forecast.may_send());
    let file = ChangeRecordFile::open(&args.record.path()?)?;
    // Another process may have gone on with it before this one had the record.
    if let ChangeOrigin::GoesOn(id, items) = &change.origin
        && args.record.read()?.has_made(id, items)
    {
        return Err(Failure(StopReason::GoneOnElsewhere.advice().happened));
    }
    let sent = recorded(connection, &change, Rc::new(file), copy).await?;
    print_result(connection.output, proposal, Some(&forecast), Some(&sent))?;
    Ok(if sent.result.is_complete() {
        CommandEnd::Done
    } else {
        CommandEnd::Incomplete
    })
}

/// What it would do, and the copy on which that was found.
async fn tried(connection: &LiveConnection, proposal: &Proposal) -> (Forecast, Option<Simulator>) {
    let accounts = accounts_of(proposal.steps.iter());
    let copy = copy_with_gaps(&connection.client, &proposal.writes(), &accounts, now_utc(), |_| true).await;
    match copy {
        Ok(Some(copy)) => {
            let simulator = Simulator::new(copy.sim);
            let forecast = forecast_live(&simulator, proposal, usize::MAX).with_gaps(&copy.gaps);
            (forecast, Some(simulator))
        }
        Ok(None) => (Forecast::Untried("the reading was stopped".to_owned()), None),
        Err(error) => (Forecast::Untried(error.advice().happened), None),
    }
}

async fn recorded(
    connection: &LiveConnection,
    change: &ProposedChange,
    file: Rc<ChangeRecordFile>,
    copy: Option<Simulator>,
) -> Result<RecordedResult, Failure> {
    let proposal = &change.proposal;
    let append = |entries: &[RecordEntry]| file.append(entries, SENDER).map_err(not_recorded);
    append(&change.found)?;
    let (id, items) = match &change.origin {
        ChangeOrigin::GoesOn(id, items) => (id.clone(), items.clone()),
        ChangeOrigin::New => {
            let former = FormerSenders::read(&connection.client, &proposal.steps).await;
            former.problem().iter().for_each(|problem| say(problem));
            begun(connection, proposal, None, former, append)?
        }
        // What is put back enrolls nothing.
        ChangeOrigin::PutsBack(undone) => begun(
            connection,
            proposal,
            Some(undone.clone()),
            FormerSenders::default(),
            append,
        )?,
    };
    let recorder = FileRecorder {
        file: Rc::clone(&file),
        change: id.clone(),
        items,
    };
    let (client, steps) = (connection.client.clone(), proposal.steps.clone());
    let sender = match copy {
        Some(copy) => ChangeSender::live(client, steps, proposal.is_bulk, Some(copy)),
        None => ChangeSender::untried(client, steps, proposal.is_bulk),
    };
    let result = sent(sender.recorded_by(Rc::new(recorder))).await;
    let ended = RecordEntry::Ended {
        change: id.clone(),
        at: now_utc(),
    };
    // Where it can't be stored, the change shows as unfinished.
    if let Err(failure) = append(&[ended]) {
        say(&failure.to_string());
    }
    Ok(RecordedResult { change: id, result })
}

/// Records what is about to be sent; its name, and the item of each step.
fn begun(
    connection: &LiveConnection,
    proposal: &Proposal,
    undoes: Option<ChangeId>,
    former: FormerSenders,
    append: impl Fn(&[RecordEntry]) -> Result<(), Failure>,
) -> Result<(ChangeId, Vec<usize>), Failure> {
    let at = now_utc();
    let id = ChangeId::new(at, seed()?);
    let forecast = proposal.summary.clone();
    let intent = ChangeIntent {
        undoes,
        former_senders: Box::new(former),
        who: who(),
        ..ChangeIntent::of(proposal, id.clone(), at, connection.recorded(), forecast)
    };
    append(&[RecordEntry::Intended(intent)])?;
    Ok((id, (0..proposal.steps.len()).collect()))
}

/// What the record calls this program, where it calls a page by a name: one process writes a record.
const SENDER: &str = "command line";

fn not_recorded(error: std::io::Error) -> Failure {
    Failure::of("the record of changes could not be written", error)
}

fn seed() -> Result<u64, Failure> {
    getrandom::u64().map_err(|error| Failure::of("drawing a random number", error))
}

/// The person, by the system's name.
fn who() -> Option<String> {
    ["USER", "USERNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok())
        .filter(|name| !name.is_empty())
}

async fn sent(mut sender: ChangeSender) -> ChangeResult {
    loop {
        match sender.step(now_utc(), |_| true).await {
            NextStep::Over => return sender.finish(),
            NextStep::Now => {}
            NextStep::AfterMs(wait_ms) => sleep(wait_ms).await,
        }
    }
}

struct FileRecorder {
    file: Rc<ChangeRecordFile>,
    change: ChangeId,
    /// The item of each step.
    items: Vec<usize>,
}

impl FileRecorder {
    fn item(&self, place: usize) -> Result<usize, String> {
        let item = self.items.get(place).copied();
        item.ok_or_else(|| "this request is not part of the change".to_owned())
    }

    fn append(&self, entry: RecordEntry) -> Result<(), String> {
        self.file.append(&[entry], SENDER).map_err(|error| error.to_string())
    }
}

impl SendRecorder for FileRecorder {
    fn sending(&self, place: usize) -> LocalBoxFuture<'_, Result<(), String>> {
        let stored = self.item(place).and_then(|item| {
            self.append(RecordEntry::Sent {
                change: self.change.clone(),
                item,
                at: now_utc(),
            })
        });
        Box::pin(async { stored })
    }

    fn answered(&self, place: usize, answer: ItemAnswer) -> LocalBoxFuture<'_, ()> {
        let stored = self.item(place).and_then(|item| {
            self.append(RecordEntry::Answered {
                change: self.change.clone(),
                item,
                at: now_utc(),
                answer,
            })
        });
        if let Err(why) = stored {
            say(&format!("an answer could not be recorded: {why}"));
        }
        Box::pin(async {})
    }
}
