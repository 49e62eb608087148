//! The program that serves this page, where that is `poolkeeper`: it holds the keys, and names the accounts it lets in.

use js_sys::{Array, Reflect};
use leptos::prelude::*;
use mailgun_pools::transport::{ApiKey, BaseUrl};
use poolkeeper_core::model::AccountId;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The program writes this mark into the pages it serves, so that no other host is asked.
const MARK: &str = "meta[name=poolkeeper-console]";

/// The header in which the program wants its token.
pub(super) const TOKEN_HEADER: &str = "X-Poolkeeper-Token";

const SESSION: &str = "_console/session";

const UNKNOWN: &str = "This page was opened without the program's link";

/// An account that the program reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProgramAccount {
    /// Its name in the program's file.
    pub(crate) name: String,
    /// Where this page sends its requests.
    pub(crate) base: BaseUrl,
    /// Where the program sends them.
    pub(crate) address: String,
    /// The subaccount that every request acts for.
    pub(crate) on_behalf_of: Option<AccountId>,
    /// Whether a request may name another subaccount to act for.
    pub(crate) may_act_for_others: bool,
    /// Whether the program lets changes pass.
    pub(crate) may_change: bool,
    /// What the program wants with each request. Not an API key, but as little to be shown.
    pub(crate) token: ApiKey,
}

/// Whether this page was served by the program.
pub(crate) fn is_present() -> bool {
    document().query_selector(MARK).ok().flatten().is_some()
}

/// The program's accounts.
///
/// # Errors
/// The program's own words: that it does not know this browser, or that it is not running.
pub(crate) async fn accounts() -> Result<Vec<ProgramAccount>, String> {
    let silent = |_| "The program that serves this page does not answer. Is it running?".to_owned();
    let answer = JsFuture::from(window().fetch_with_str(SESSION)).await.map_err(silent)?;
    let answer: web_sys::Response = answer.unchecked_into();
    let json = JsFuture::from(answer.json().map_err(silent)?).await.map_err(silent)?;
    if text(&json, "program").as_deref() != Some("poolkeeper-console") {
        return Err(text(&json, "message").unwrap_or_else(|| UNKNOWN.to_owned()));
    }
    let token = ApiKey::new(&text(&json, "token").unwrap_or_default());
    let listed = Array::from(&get(&json, "accounts"));
    Ok(listed.iter().filter_map(|account| read(&account, &token)).collect())
}

fn read(account: &JsValue, token: &ApiKey) -> Option<ProgramAccount> {
    let page_url = document().base_uri().ok().flatten()?;
    Some(ProgramAccount {
        name: text(account, "name")?,
        base: BaseUrl::parse(&text(account, "path")?, &page_url).ok()?,
        address: text(account, "address")?,
        on_behalf_of: text(account, "on_behalf_of").map(AccountId),
        may_act_for_others: get(account, "may_act_for_others").is_truthy(),
        may_change: get(account, "may_change").is_truthy(),
        token: token.clone(),
    })
}

fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn text(of: &JsValue, name: &str) -> Option<String> {
    get(of, name).as_string()
}
