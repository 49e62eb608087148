//! Commands of the record of changes: listed, gone on with, put back.

use super::change::{ChangeArgs, Origin, RecordArg, reading, send_as};
use super::connection::LiveConnection;
use super::listing::{Cell, Listing};
use super::{CommandEnd, LiveCommand, LivePlace};
use crate::Failure;
use crate::clock::now_utc;
use crate::record::ChangeRecordFile;
use clap::Subcommand;
use poolkeeper_account::record::{ChangeId, ChangeRecord, ItemAnswer, RecordEntry, RecordedChange};
use poolkeeper_account::sending::is_made;

/// What `record` takes.
#[derive(clap::Args)]
pub(crate) struct RecordArgs {
    #[command(subcommand)]
    action: RecordAction,
}

#[derive(Subcommand)]
enum RecordAction {
    /// List the changes of the account, the latest first
    List(ListRecordArgs),
    /// Go on with a change that was left in the middle
    GoOn(RecordedChangeArgs),
    /// Put back what a change made
    PutBack(RecordedChangeArgs),
}

#[derive(clap::Args)]
struct ListRecordArgs {
    #[command(flatten)]
    place: LivePlace,
    #[command(flatten)]
    record: RecordArg,
}

#[derive(clap::Args)]
struct RecordedChangeArgs {
    #[command(flatten)]
    place: LivePlace,
    /// The change, as `record list` names it
    #[arg(value_name = "CHANGE")]
    id: String,
    #[command(flatten)]
    change: ChangeArgs,
}

impl LiveCommand for RecordArgs {
    fn place(&self) -> &LivePlace {
        match &self.action {
            RecordAction::List(args) => &args.place,
            RecordAction::GoOn(args) | RecordAction::PutBack(args) => &args.place,
        }
    }

    fn may_change(&self) -> bool {
        match &self.action {
            RecordAction::List(_) => false,
            RecordAction::GoOn(args) | RecordAction::PutBack(args) => args.change.is_sent(),
        }
    }

    async fn execute(&self, connection: LiveConnection) -> Result<CommandEnd, Failure> {
        match &self.action {
            RecordAction::List(args) => list(&connection, &args.record.read()?),
            RecordAction::GoOn(args) => go_on(&connection, args).await,
            RecordAction::PutBack(args) => {
                let record = args.change.record()?;
                let change = found(&connection, &record, &args.id)?;
                let back = change.put_back();
                let back = back.ok_or_else(|| Failure("nothing of this change can be put back".to_owned()))?;
                let origin = Origin::New(Some(change.intent.id.clone()));
                send_as(&connection, back, &args.change, origin).await
            }
        }
    }
}

fn found<'a>(connection: &LiveConnection, record: &'a ChangeRecord, id: &str) -> Result<&'a RecordedChange, Failure> {
    let account = connection.recorded();
    let change = record.get(&ChangeId::from(id));
    change
        .filter(|change| change.intent.account.is_same(&account))
        .ok_or_else(|| Failure(format!("the record has no change “{id}” of this account")))
}

/// What is in doubt is read first; what was made is not sent again.
async fn go_on(connection: &LiveConnection, args: &RecordedChangeArgs) -> Result<CommandEnd, Failure> {
    let mut record = args.change.record()?;
    let mut known = Vec::new();
    for (item, of) in found(connection, &record, &args.id)?.in_doubt() {
        let Some(write) = of.write() else { continue };
        let made = is_made(&connection.client, write)
            .await
            .map_err(|error| reading(&error))?;
        let Some(made) = made else { continue };
        known.push(RecordEntry::Answered {
            change: ChangeId::from(&*args.id),
            item,
            at: now_utc(),
            answer: if made { ItemAnswer::Made } else { ItemAnswer::NotMade },
        });
    }
    if args.change.is_sent() && !known.is_empty() {
        args.change.append(&known)?;
    }
    known.into_iter().for_each(|entry| record.add(entry));
    let change = found(connection, &record, &args.id)?;
    let rest = change.go_on();
    let (proposal, items) = rest.ok_or_else(|| Failure("nothing of this change is left to send".to_owned()))?;
    let origin = Origin::GoesOn(change.intent.id.clone(), items);
    send_as(connection, proposal, &args.change, origin).await
}

fn list(connection: &LiveConnection, record: &ChangeRecord) -> Result<CommandEnd, Failure> {
    let mut listing = Listing::new(&["change", "time", "title", "outcome", "made", "total", "by", "undone_by"]);
    let account = connection.recorded();
    for change in record.newest_first() {
        let intent = &change.intent;
        if !intent.account.is_same(&account) {
            continue;
        }
        let counts = change.counts();
        listing.push(vec![
            Cell::text(Some(&intent.id)),
            Cell::Time(Some(intent.at)),
            Cell::Text(change.label()),
            Cell::Text(change.outcome().word().to_owned()),
            Cell::Number(Some(counts.made as u64)),
            Cell::Number(Some(counts.total as u64)),
            Cell::text(intent.who.as_ref()),
            Cell::text(change.undone_by.last()),
        ]);
    }
    listing.print(connection.output)?;
    Ok(CommandEnd::Done)
}

impl ChangeArgs {
    fn append(&self, entries: &[RecordEntry]) -> Result<(), Failure> {
        let file = ChangeRecordFile::open(&self.record_path()?)?;
        file.append(entries, "command line")
            .map_err(|error| Failure::of("the record of changes could not be written", error))
    }
}
