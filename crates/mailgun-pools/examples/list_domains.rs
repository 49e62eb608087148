//! Lists the enrolled domains of an account, with the pool each is in.
//!
//! ```sh
//! MAILGUN_API_KEY=… cargo run -p mailgun-pools --features native --example list_domains
//! ```
//!
//! `MAILGUN_BASE_URL` names another address, such as `https://api.eu.mailgun.net`.

#![expect(clippy::print_stdout, reason = "an example prints what it read")]

use futures::executor::block_on;
use mailgun_pools::api::{Client, DomainsQuery, Paginator};
use mailgun_pools::transport::{ApiKey, BaseUrl, NativeSender};
use std::error::Error;
use std::rc::Rc;

fn main() -> Result<(), Box<dyn Error>> {
    let key = std::env::var("MAILGUN_API_KEY").map_err(|_| "set MAILGUN_API_KEY to an API key")?;
    let address = std::env::var("MAILGUN_BASE_URL").unwrap_or_else(|_| "https://api.mailgun.net".to_owned());
    let sender = NativeSender::new(BaseUrl::parse_absolute(&address)?, ApiKey::new(&key), 30_000);
    let mut domains = Paginator::new(Client::new(Rc::new(sender)), DomainsQuery::default());
    while let Some(page) = block_on(domains.next_page()).map_err(|error| error.advice().happened)? {
        for domain in page {
            println!("{}\t{}", domain.pool, domain.name);
        }
    }
    Ok(())
}
