//! How the warnings would have done: on an account's own past, and over simulated accounts.

use super::counts_files::CountsFiles;
use super::rules_file::{PolicyChoice, WatchRules, read};
use super::{WatchPlace, blocking, watched};
use crate::Failure;
use crate::account_client::failure;
use crate::clock::now_utc;
use crate::values::{day, instant};
use chrono::{DateTime, Utc};
use poolkeeper_account::cache::{DomainReader, HistoryReader};
use poolkeeper_account::fork::LiveTrafficReader;
use poolkeeper_core::model::{Counts, Day, DomainName, HistoryRecord, Timestamp};
use poolkeeper_core::text;
use poolkeeper_lab::calibrate::{Assumptions, Observations, calibrate};
use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec, Sim};
use poolkeeper_watch::{PastDomain, PastMove, Predictor, WarningScore, WatchSettings, score_warnings, simulated_past};
use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::ops::RangeInclusive;

/// The share of a poor vote's events from which the baseline warns.
const NEAR_SHARE: f64 = 0.7;

/// What `watch replay` takes.
#[derive(clap::Args)]
pub(super) struct ReplayArgs {
    #[command(flatten)]
    place: WatchPlace,
    /// Account of the file, by name; default: the only one
    #[arg(long, value_name = "NAME", conflicts_with = "live")]
    account: Option<String>,
    /// Days of the past to judge
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(14..=300))]
    days: u32,
    /// The time at which the past ends; default: now
    #[arg(long, value_name = "TIME", value_parser = instant)]
    at: Option<DateTime<Utc>>,
}

/// What `watch score` takes.
#[derive(clap::Args)]
pub(super) struct ScoreArgs {
    /// Domains of each account
    #[arg(long, default_value_t = 400)]
    size: u32,
    /// Accounts of each of the five scenarios
    #[arg(long, default_value_t = 4)]
    seeds: u64,
    /// Days ahead that the rule warns
    #[arg(long, default_value_t = WatchSettings::default().days_ahead, value_parser = clap::value_parser!(u32).range(1..=14))]
    days_ahead: u32,
}

/// What `watch counts` takes.
#[derive(clap::Args)]
pub(super) struct CountsArgs {
    #[command(flatten)]
    place: WatchPlace,
    /// Account, by name; default: the only one
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// First day
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Option<chrono::NaiveDate>,
}

fn write(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::of("writing to standard output", error)),
        Ok(()) => Ok(()),
    }
}

fn chosen(place: &WatchPlace, name: Option<&str>) -> Result<crate::accounts::AccountConfig, Failure> {
    let configs = place.configs()?;
    match name {
        None => match <[_; 1]>::try_from(configs) {
            Ok([only]) => Ok(only),
            Err(_) => Err(Failure(
                "the file has several accounts: choose one with --account".to_owned(),
            )),
        },
        Some(name) => configs
            .into_iter()
            .find(|config| config.name == name)
            .ok_or_else(|| Failure(format!("the file has no account “{name}”"))),
    }
}

/// Prints the daily counts that were kept.
pub(super) fn counts(args: &CountsArgs) -> Result<(), Failure> {
    let config = chosen(&args.place, args.account.as_deref())?;
    let files = CountsFiles::new(args.place.counts_folder(&config.name)?);
    let from = args.from.map_or(Day(0), Day::from_date);
    let mut rows: BTreeMap<(Day, DomainName), Counts> = BTreeMap::new();
    files.read(from, |day, name, counts| {
        rows.insert((day, name.clone()), *counts);
    })?;
    let mut csv = text::csv_row(["date", "domain", "processed", "delivered", "bounced", "complained"]);
    for ((day, name), counts) in rows.iter().filter(|((day, _), _)| *day >= from) {
        let figures = [counts.processed, counts.delivered, counts.bounced, counts.complained];
        let row = [day.to_string(), name.to_string()]
            .into_iter()
            .chain(figures.map(|count| count.to_string()));
        csv += &text::csv_row(row);
    }
    write(&csv)
}

/// Scores the rule over simulated accounts.
pub(super) fn score(args: &ScoreArgs) -> Result<(), Failure> {
    let settings = WatchSettings {
        days_ahead: args.days_ahead,
        ..WatchSettings::default()
    };
    let predictors = [
        (
            format!("the rule, {} ahead", text::counted(u64::from(args.days_ahead), "day")),
            Predictor::Approach,
        ),
        (
            format!("nearest threshold: {NEAR_SHARE} of it"),
            Predictor::NearThreshold(NEAR_SHARE),
        ),
        ("no warnings".to_owned(), Predictor::Silence),
    ];
    let mut sums = predictors.each_ref().map(|_| WarningScore::default());
    for kind in ScenarioKind::ALL {
        for seed in 1..=args.seeds {
            let spec = ScenarioSpec::new(kind, args.size, seed).map_err(|refusal| Failure(refusal.to_string()))?;
            let (days, domains) = simulated_past(&Sim::scenario(&spec));
            let first_judged = days.start().plus(i32::try_from(settings.days_needed()).unwrap_or(0));
            for (sum, (_, predictor)) in sums.iter_mut().zip(&predictors) {
                *sum += score_warnings(
                    &domains,
                    *days.start(),
                    &(first_judged..=*days.end()),
                    &settings,
                    *predictor,
                );
            }
        }
    }
    let accounts = args.seeds * ScenarioKind::ALL.len() as u64;
    let mut table = format!(
        "{} of {}, falls within 7 days of a warning\n\n",
        text::counted(accounts, "simulated account"),
        text::counted(u64::from(args.size), "domain")
    );
    table += "| warnings by | warnings | before a fall | falls | warned of | precision | recall | days ahead |\n";
    table += "| --- | --- | --- | --- | --- | --- | --- | --- |\n";
    for (sum, (name, _)) in sums.iter().zip(&predictors) {
        table += &format!(
            "| {name} | {} | {} | {} | {} | {} | {} | {} |\n",
            text::count(sum.warnings),
            text::count(sum.warnings_before_fall),
            text::count(sum.falls),
            text::count(sum.falls_warned),
            share_or_none(sum.warnings_before_fall, sum.warnings),
            share_or_none(sum.falls_warned, sum.falls),
            mean(sum.days_ahead, sum.falls_warned),
        );
    }
    write(&table)
}

fn share_or_none(part: u64, whole: u64) -> String {
    if whole == 0 {
        "–".to_owned()
    } else {
        text::share(part, whole)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a mean for people")]
fn mean(sum: u64, count: u64) -> String {
    if count == 0 {
        "–".to_owned()
    } else {
        format!("{:.1}", sum as f64 / count as f64)
    }
}

/// Says how the rules would have done on the account's own past.
pub(super) fn replay(args: &ReplayArgs) -> Result<(), Failure> {
    let rules = read(args.place.rules.as_deref())?;
    let config = chosen(&args.place, args.account.as_deref())?;
    let now = args.at.unwrap_or_else(now_utc);
    blocking(async {
        let counted = watched(&args.place, &rules, &config, false)?;
        let past = OwnPast::read(&counted.account.client, &rules, now, args.days).await?;
        write(&past.sentences(args.days))
    })
}

/// What an account's own past was.
struct OwnPast {
    first: Day,
    judged: RangeInclusive<Day>,
    settings: WatchSettings,
    domains: Vec<PastDomain>,
}

impl OwnPast {
    async fn read(
        client: &mailgun_pools::api::Client,
        rules: &WatchRules,
        now: DateTime<Utc>,
        days: u32,
    ) -> Result<Self, Failure> {
        let yesterday = Timestamp::from(now).day().plus(-1);
        let mut settings = rules.settings.clone();
        let mut history = HistoryReader::new(client.clone(), None);
        let mut records: Vec<HistoryRecord> = Vec::new();
        loop {
            match history.next_records().await {
                Ok(Some(read)) => records.extend(read),
                Ok(None) => break,
                Err(error) => return Err(failure("reading history", &error)),
            }
        }
        records.sort_by_key(|record| record.timestamp);
        let mut reader = DomainReader::new(client.clone());
        let mut enrolled = Vec::new();
        loop {
            match reader.next_domains().await {
                Ok(Some(fresh)) => enrolled.extend(fresh),
                Ok(None) => break,
                Err(error) => return Err(failure("reading the enrolled domains", &error)),
            }
        }
        match &rules.policy {
            PolicyChoice::Chosen(policy, name) => {
                settings.policy = (**policy).clone();
                settings.policy_name.clone_from(name);
            }
            PolicyChoice::Calibrated => {
                let base = settings.policy.clone();
                let observations = Observations {
                    previews: Vec::new(),
                    domains: enrolled.clone(),
                    history: records.clone(),
                };
                settings.policy = calibrate(&observations, &Assumptions::of(&base, false)).policy(&base);
                "the calibrated policy".clone_into(&mut settings.policy_name);
            }
        }
        let read_days = days + settings.policy.window_days;
        let mut counts = LiveTrafficReader::new(client.clone(), yesterday.end().to_utc(), read_days);
        while let Some(_done) = counts
            .step()
            .await
            .map_err(|error| failure("reading daily counts", &error))?
        {}
        let (table, _) = counts.finish("account");
        let first = yesterday.plus(1 - i32::try_from(read_days).unwrap_or(1));
        let mut moves: HashMap<DomainName, Vec<PastMove>> = HashMap::new();
        for record in records {
            moves
                .entry(record.domain_name.clone())
                .or_default()
                .extend(past_move(&record));
        }
        let positions: HashMap<&DomainName, usize> = table
            .domains()
            .iter()
            .enumerate()
            .map(|(at, domain)| (&domain.name, at))
            .collect();
        let domains = enrolled
            .iter()
            .filter(|domain| domain.is_overridden != Some(true))
            .map(|domain| {
                let position = positions.get(&domain.name);
                let counts = (first.0..=yesterday.0).map(|day| {
                    let found = position.and_then(|position| table.get(*position, Day(day)));
                    found.unwrap_or(Counts::ZERO)
                });
                PastDomain {
                    counts: counts.collect(),
                    moves: moves.remove(&domain.name).unwrap_or_default(),
                    last_band: domain.pool.band(),
                }
            });
        let domains = domains.collect();
        let judged = yesterday.plus(1 - i32::try_from(days).unwrap_or(1))..=yesterday;
        Ok(Self {
            first,
            judged,
            settings,
            domains,
        })
    }

    fn sentences(&self, days: u32) -> String {
        let score = |settings: &WatchSettings| {
            score_warnings(&self.domains, self.first, &self.judged, settings, Predictor::Approach)
        };
        let own = score(&self.settings);
        let mut text = format!(
            "Over the last {}, by {}:\n\nabout_to_fall would have warned {} times, {} of them within 7 days before a fall.\n\
             {} of {} were warned of. Warnings of the last 7 days and falls of the first 7 are not judged.\n\n",
            text::counted(u64::from(days), "day"),
            self.settings.policy_name,
            text::count(own.warnings),
            text::count(own.warnings_before_fall),
            text::count(own.falls_warned),
            text::counted(own.falls, "fall"),
        );
        text += "| days_ahead | minimum_messages | warnings | before a fall | falls warned of |\n";
        text += "| --- | --- | --- | --- | --- |\n";
        for days_ahead in [1, 2, 3, 5, 7] {
            for minimum_messages in [0, 5_000, 50_000] {
                let settings = WatchSettings {
                    days_ahead,
                    minimum_messages,
                    ..self.settings.clone()
                };
                let found = score(&settings);
                text += &format!(
                    "| {days_ahead} | {} | {} | {} | {} of {} |\n",
                    text::count(minimum_messages),
                    text::count(found.warnings),
                    text::count(found.warnings_before_fall),
                    text::count(found.falls_warned),
                    text::count(found.falls)
                );
            }
        }
        text
    }
}

fn past_move(record: &HistoryRecord) -> Option<PastMove> {
    let at = record.timestamp?;
    let is_by_check = record.initiated_by.as_deref().is_none_or(|by| by == "system");
    // The check at midnight closes the day before.
    let second = if is_by_check {
        at.timestamp() - 1
    } else {
        at.timestamp()
    };
    Some(PastMove {
        day: Timestamp(second).day(),
        from: record
            .prev_band
            .as_ref()
            .and_then(poolkeeper_core::model::PoolName::band),
        to: record
            .new_band
            .as_ref()
            .and_then(poolkeeper_core::model::PoolName::band),
        is_by_check,
    })
}
