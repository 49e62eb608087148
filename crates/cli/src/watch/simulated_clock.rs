//! The clock of a `poolkeeper serve`, which is moved on between looks: a month of watching in a minute.

use crate::Failure;
use crate::accounts::AccountConfig;
use chrono::{DateTime, Utc};
use mailgun_pools::transport::ApiKey;
use std::time::Duration;
use ureq::Agent;
use ureq::http::header::AUTHORIZATION;

/// A large account's day takes its time.
const TIMEOUT: Duration = Duration::from_secs(120);

/// The clock of a simulated account.
pub(super) struct SimulatedClock {
    agent: Agent,
    address: String,
    key: ApiKey,
}

impl SimulatedClock {
    /// # Errors
    /// [`Failure`] when the key can't be read.
    pub(super) fn of(config: &AccountConfig) -> Result<Self, Failure> {
        let key = config.key_source.read(&config.name)?;
        let base = config.base.as_str();
        let settings = Agent::config_builder().timeout_global(Some(TIMEOUT)).build();
        Ok(Self {
            agent: Agent::new_with_config(settings),
            address: format!("{}/_poolkeeper/clock", base.trim_end_matches('/')),
            key,
        })
    }

    /// What it shows.
    ///
    /// # Errors
    /// [`Failure`] when this is no simulator.
    pub(super) fn now(&self) -> Result<DateTime<Utc>, Failure> {
        Self::read(
            self.agent
                .get(&self.address)
                .header(AUTHORIZATION, self.key.basic_auth().unwrap_or_default())
                .call(),
        )
    }

    /// Moves it on.
    ///
    /// # Errors
    /// [`Failure`] when this is no simulator.
    pub(super) fn advance(&self, seconds: u64) -> Result<DateTime<Utc>, Failure> {
        let address = format!("{}?seconds={seconds}", self.address);
        Self::read(
            self.agent
                .post(&address)
                .header(AUTHORIZATION, self.key.basic_auth().unwrap_or_default())
                .header("X-Poolkeeper-Control", "watch")
                .send_empty(),
        )
    }

    fn read(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<DateTime<Utc>, Failure> {
        let problem = |cause: &dyn std::fmt::Display| {
            Failure(format!(
                "--simulated-days needs an account of poolkeeper serve: {cause}"
            ))
        };
        let text = answer
            .and_then(|mut answer| answer.body_mut().read_to_string())
            .map_err(|error| problem(&error))?;
        let shown: serde_json::Value = serde_json::from_str(&text).map_err(|error| problem(&error))?;
        let now = shown.get("now").and_then(serde_json::Value::as_str);
        now.and_then(|now| now.parse().ok())
            .ok_or_else(|| problem(&"its clock can't be read"))
    }
}
