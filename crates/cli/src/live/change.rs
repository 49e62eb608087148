//! A change of a live account: tried, said, recorded, sent.

use super::CommandEnd;
use super::connection::{LiveConnection, failure, sleep};
use super::listing::{OutputFormat, json_text, print};
use crate::Failure;
use crate::clock::now_utc;
use crate::record::{ChangeRecordFile, read_record, usual_path};
use crate::terminal::say;
use futures::future::LocalBoxFuture;
use poolkeeper_account::change::Proposal;
use poolkeeper_account::forecast::{Forecast, forecast_live};
use poolkeeper_account::fork::dry_run_copy::copy_with_gaps;
use poolkeeper_account::former_senders::FormerSenders;
use poolkeeper_account::record::{ChangeId, ChangeIntent, ChangeRecord, ItemAnswer, MOST_ITEMS, RecordEntry};
use poolkeeper_account::sending::{ChangeResult, ChangeSender, NextStep, SendRecorder, StepOutcome, accounts_of};
use poolkeeper_core::text::{count, counted};
use poolkeeper_simulator::server::Simulator;
use serde_json::json;
use std::path::PathBuf;
use std::rc::Rc;

/// Lines of a forecast, or of what was not made, that a terminal gets.
const MOST_LINES: usize = 40;

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
    record: RecordArg,
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
        self.record
            .clone()
            .or_else(usual_path)
            .ok_or_else(|| Failure("there is no place for the record of changes. Name a file with --record".to_owned()))
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

    /// What the record holds.
    pub(super) fn record(&self) -> Result<ChangeRecord, Failure> {
        self.record.read()
    }

    /// Where the record is.
    pub(super) fn record_path(&self) -> Result<PathBuf, Failure> {
        self.record.path()
    }
}

/// What a change is in the record.
pub(super) enum Origin {
    /// A change of its own, or what puts this one back.
    New(Option<ChangeId>),
    /// These items of this change.
    GoesOn(ChangeId, Vec<usize>),
}

/// Tries a new change, and sends it if that is wanted.
pub(super) async fn send(
    connection: &LiveConnection,
    proposal: Proposal,
    args: &ChangeArgs,
) -> Result<CommandEnd, Failure> {
    send_as(connection, proposal, args, Origin::New(None)).await
}

/// Tries a change, and sends it if that is wanted.
pub(super) async fn send_as(
    connection: &LiveConnection,
    proposal: Proposal,
    args: &ChangeArgs,
    origin: Origin,
) -> Result<CommandEnd, Failure> {
    if proposal.steps.is_empty() {
        print_result(connection.output, &proposal, None, None)?;
        return Ok(CommandEnd::Done);
    }
    if proposal.steps.len() > MOST_ITEMS {
        return Err(Failure(format!(
            "one change has at most {}. Send it in parts",
            counted(MOST_ITEMS as u64, "request")
        )));
    }
    let (forecast, copy) = tried(connection, &proposal).await;
    let may_send = forecast.may_send() || (args.send_anyway && forecast.may_send_anyway());
    if args.dry_run || !may_send {
        print_result(connection.output, &proposal, Some(&forecast), None)?;
        return Ok(if forecast.may_send() {
            CommandEnd::Done
        } else {
            CommandEnd::Refused
        });
    }
    if connection.output == OutputFormat::Table {
        print(&forecast_text(&proposal, &forecast))?;
    }
    let copy = copy.filter(|_| forecast.may_send());
    let sent = recorded(connection, &proposal, args, origin, copy).await?;
    print_result(connection.output, &proposal, Some(&forecast), Some(&sent))?;
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

struct RecordedResult {
    change: ChangeId,
    result: ChangeResult,
}

async fn recorded(
    connection: &LiveConnection,
    proposal: &Proposal,
    args: &ChangeArgs,
    origin: Origin,
    copy: Option<Simulator>,
) -> Result<RecordedResult, Failure> {
    let file = Rc::new(ChangeRecordFile::open(&args.record.path()?)?);
    let (change, items) = match origin {
        Origin::GoesOn(change, items) => (change, items),
        Origin::New(undoes) => {
            let former = match undoes {
                // What is put back enrolls nothing.
                Some(_) => FormerSenders::default(),
                None => FormerSenders::read(&connection.client, &proposal.steps).await,
            };
            former.problem().iter().for_each(|problem| say(problem));
            let at = now_utc();
            let change = ChangeId::new(at, seed()?);
            let intent = ChangeIntent {
                undoes,
                former_senders: Box::new(former),
                who: who(),
                ..ChangeIntent::of(
                    proposal,
                    change.clone(),
                    at,
                    connection.recorded(),
                    proposal.summary.clone(),
                )
            };
            file.append(&[RecordEntry::Intended(intent)], SENDER)
                .map_err(not_recorded)?;
            (change, (0..proposal.steps.len()).collect())
        }
    };
    let recorder = FileRecorder {
        file: Rc::clone(&file),
        change: change.clone(),
        items,
    };
    let (client, steps) = (connection.client.clone(), proposal.steps.clone());
    let sender = match copy {
        Some(copy) => ChangeSender::live(client, steps, proposal.is_bulk, Some(copy)),
        None => ChangeSender::untried(client, steps, proposal.is_bulk),
    };
    let result = sent(sender.recorded_by(Rc::new(recorder))).await;
    let ended = RecordEntry::Ended {
        change: change.clone(),
        at: now_utc(),
    };
    // Where it can't be stored, the change shows as unfinished.
    if let Err(error) = file.append(&[ended], SENDER) {
        say(&not_recorded(error).to_string());
    }
    Ok(RecordedResult { change, result })
}

/// One process writes a record, so this is the only page that it has.
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

/// What it would do, for people.
fn forecast_text(proposal: &Proposal, forecast: &Forecast) -> String {
    let mut lines = proposal.summary.clone();
    match forecast {
        Forecast::Changes(changes) => lines.extend(changes.iter().cloned()),
        Forecast::Bulk(bulk) => {
            lines.extend(bulk.changes.iter().cloned());
            lines.extend(bulk.refused.iter().map(|(domain, why)| match domain {
                Some(domain) => format!("Refused by the dry run: {domain}: {why}"),
                None => format!("Refused by the dry run: {why}"),
            }));
        }
        Forecast::Refused { reason, rule } => {
            lines.push(format!("Refused by the dry run: {reason}"));
            lines.extend(rule.clone());
        }
        Forecast::Untried(why) => lines.push(format!("It could not be tried: {why}")),
        Forecast::Trying => {}
    }
    shown(&lines)
}

/// Lines for a terminal. Of many, the first.
fn shown(lines: &[String]) -> String {
    let more = lines.len().saturating_sub(MOST_LINES);
    let first = lines.iter().take(MOST_LINES);
    let mut text: String = first
        .map(|line| format!("{}\n", poolkeeper_core::model::escape_unprintable(line)))
        .collect();
    if more > 0 {
        text += &format!("and {} more; --json lists them all\n", counted(more as u64, "line"));
    }
    text
}

fn print_result(
    format: OutputFormat,
    proposal: &Proposal,
    forecast: Option<&Forecast>,
    sent: Option<&RecordedResult>,
) -> Result<(), Failure> {
    if format != OutputFormat::Table {
        return print(&json_text(&result_json(proposal, forecast, sent)));
    }
    let text = match (forecast, sent) {
        (None, _) => "Nothing to change.\n".to_owned(),
        (Some(forecast), None) => format!("{}Nothing was sent.\n", forecast_text(proposal, forecast)),
        (Some(_), Some(sent)) => sent_text(proposal, sent),
    };
    print(&text)
}

fn sent_text(proposal: &Proposal, sent: &RecordedResult) -> String {
    let result = &sent.result;
    let mut lines = Vec::new();
    if result.is_complete() {
        lines.push(format!("Done: {}.", proposal.done));
    } else {
        lines.push(format!(
            "{} of {} made.",
            count(result.done().count() as u64),
            counted(result.total() as u64, "request")
        ));
    }
    for (what, why) in problems(result) {
        lines.push(format!("Not made: {what}: {why}"));
    }
    if let Some(reason) = &result.stopped_by {
        let advice = reason.advice();
        lines.push(format!("Stopped: {}. {}", advice.happened, advice.to_do));
    }
    format!("{}Record: {}\n", shown(&lines), sent.change)
}

/// What was not made, each with the reason.
fn problems(result: &ChangeResult) -> impl Iterator<Item = (String, String)> {
    result.steps.iter().filter_map(|step| {
        let problem = step.outcome.problem()?;
        let what = step
            .step
            .write
            .domain()
            .map_or_else(|| step.step.write.operation().method().to_string(), ToString::to_string);
        let unknown = if matches!(step.outcome, StepOutcome::Unknown(_)) {
            "it may have been made: "
        } else {
            ""
        };
        let account = step.other_account.as_ref().map_or_else(String::new, |account| {
            format!(". It belongs to another account: try --on-behalf-of {account}")
        });
        Some((what, format!("{unknown}{}{account}", problem.happened)))
    })
}

fn result_json(proposal: &Proposal, forecast: Option<&Forecast>, sent: Option<&RecordedResult>) -> serde_json::Value {
    let (changes, refused) = match forecast {
        Some(Forecast::Changes(changes)) => (changes.clone(), Vec::new()),
        Some(Forecast::Bulk(bulk)) => (
            bulk.changes.clone(),
            bulk.refused
                .iter()
                .map(|(domain, why)| json!({ "domain": domain.as_ref().map(ToString::to_string), "reason": why }))
                .collect(),
        ),
        Some(Forecast::Refused { reason, .. } | Forecast::Untried(reason)) => {
            (Vec::new(), vec![json!({ "domain": null, "reason": reason })])
        }
        Some(Forecast::Trying) | None => Default::default(),
    };
    let sent = sent.map(|sent| {
        let not_made = problems(&sent.result).map(|(what, why)| json!({ "request": what, "reason": why }));
        json!({
            "record": sent.change.as_str(),
            "made": sent.result.done().count(),
            "not_made": not_made.collect::<Vec<_>>(),
            "not_sent": sent.result.left.len(),
            "stopped": sent.result.stopped_by.as_ref().map(|reason| reason.advice().happened),
        })
    });
    json!({
        "requests": proposal.steps.len(),
        "summary": proposal.summary,
        "forecast": changes,
        "refused": refused,
        "sent": sent,
    })
}

/// Reading the account failed.
pub(super) fn reading(error: &mailgun_pools::api::ApiError) -> Failure {
    failure("reading the account", error)
}
