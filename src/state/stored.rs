//! What this browser stores of the app.

use crate::{browser, persistence};

/// Erases all of it, then opens the page anew. The app's own files, which hold no data, stay.
///
/// # Errors
/// What the browser says where not all of it could be erased.
pub(crate) async fn erase_all() -> Result<(), String> {
    persistence::erase_all().await.map_err(|problem| problem.to_string())?;
    browser::clear_storage();
    browser::reload();
    Ok(())
}
