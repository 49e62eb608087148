//! What is recorded of one change that goes through.

use crate::console::upstream::{UpstreamAnswer, UpstreamError};
use crate::record::ChangeRecordFile;
use crate::terminal::say;
use poolkeeper_account::record::{ItemAnswer, RecordAccount, SentRequest};
use std::io;
use std::sync::Arc;

/// A change that is about to be passed on.
pub(in crate::console) struct ChangeNote {
    pub(in crate::console) file: Arc<ChangeRecordFile>,
    pub(in crate::console) account: RecordAccount,
    pub(in crate::console) who: Option<String>,
    pub(in crate::console) request: SentRequest,
}

impl ChangeNote {
    /// Stores the entry, exchanges, stores the answer.
    ///
    /// # Errors
    /// Where the entry is not on disk. Nothing is exchanged then.
    pub(in crate::console) fn around(
        self,
        exchange: impl FnOnce() -> Result<UpstreamAnswer, UpstreamError>,
    ) -> io::Result<Result<UpstreamAnswer, UpstreamError>> {
        let Self {
            file,
            account,
            who,
            request,
        } = self;
        let place = file.sending(&account, who.as_deref(), &request)?;
        let exchanged = exchange();
        let answer = match &exchanged {
            Ok(answered) => ItemAnswer::of_status(answered.status.as_u16(), &words(&answered.body)),
            Err(error) => ItemAnswer::Unknown(error.to_string()),
        };
        if let Err(error) = file.answered(&account, &request, place, answer) {
            say(&format!(
                "the answer to {} {} could not be recorded: {error}",
                request.method, request.path
            ));
        }
        Ok(exchanged)
    }
}

/// What the service says, where it says something.
fn words(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(|text| text.as_str()).map(str::to_owned);
    text("message").or_else(|| text("error")).unwrap_or_default()
}
