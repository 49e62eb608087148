//! One damaged byte of a journal, at each place.

use super::{report, tries};
use crate::serve::http::Http;
use crate::serve::keeping::{Folder, asked};
use crate::serve::process::{Server, outcome};
use mailgun_pools::transport::{Method, Request};
use serde_json::Value;

fn pools(server: &Server) -> Value {
    let listed = Request::new(Method::Get, "/v1/dynamic_pools/domains").query("limit", "100");
    asked(server, &listed)["items"].take()
}

#[test]
fn a_damaged_byte_of_a_journal_is_never_passed_over() {
    let folder = Folder::new("torture-damage");
    let state = folder.file("account");
    let args = ["--state", &state, "--size", "5", "--still"];
    let server = Server::start(&args);
    let domain = pools(&server)[0]["name"].as_str().unwrap().to_owned();
    let mut states = vec![pools(&server)];
    for pool in ["dynamic_poor", "dynamic_new", "dynamic_good"] {
        let path = format!("/v1/dynamic_pools/domains/{domain}/override");
        let pin = Request::new(Method::Put, path).query("pool", pool);
        assert_eq!(Http::new(&server.base).now(&pin).unwrap().status, 200);
        states.push(pools(&server));
    }
    server.kill();
    let account = std::fs::read(&state).unwrap();
    let journal = std::fs::read(format!("{state}.journal")).unwrap();
    let places = tries(8, journal.len());
    let (mut refused, mut partial) = (0, 0);
    for place in 0..places {
        let at = place * journal.len() / places;
        let folder = Folder::new(&format!("torture-damage-{at}"));
        let state = folder.file("account");
        let mut damaged = journal.clone();
        damaged[at] ^= 0x11;
        std::fs::write(&state, &account).unwrap();
        std::fs::write(format!("{state}.journal"), &damaged).unwrap();
        match outcome(&["--state", &state, "--size", "5", "--still"]) {
            Err(said) => {
                assert!(said.contains("journal"), "byte {at}: {said}");
                assert_eq!(std::fs::read(format!("{state}.journal")).unwrap(), damaged, "byte {at}");
                refused += 1;
            }
            Ok(server) => {
                let found = pools(&server);
                assert!(states.contains(&found), "byte {at}: {found}");
                server.kill();
                // The last line's end is not its content: the line is there and is continued.
                let kept = std::fs::read(folder.file("account.damaged-1.journal"));
                match kept {
                    Ok(kept) => assert_eq!(kept, damaged, "byte {at}"),
                    Err(_) => assert!(
                        at == journal.len() - 1 && found == states[3],
                        "byte {at} is passed over"
                    ),
                }
                partial += 1;
            }
        }
    }
    report(
        "one byte of a journal of three changes damaged, at each place",
        places,
        &format!("{partial} times the changes before it served and all bytes kept, {refused} times refused"),
    );
}
