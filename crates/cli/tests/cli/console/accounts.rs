//! Where accounts and keys come from, and which places are refused.

use super::program::{Console, Folder, KEY, failing};
use super::service::{Service, header};

#[test]
fn without_an_account_there_is_the_simulator_only() {
    let folder = Folder::new("no_account");
    let console = Console::start(&folder, &[], &[]);
    assert!(
        console.introduction.contains("no live account"),
        "{}",
        console.introduction
    );
    // A browser that was not opened with the link has nothing to be kept from.
    let visit = console.send(
        &console
            .ask("GET", "/_console/session")
            .header("Sec-Fetch-Site", "same-origin"),
    );
    assert_eq!(visit.status, 200, "{visit:?}");
    assert_eq!(
        visit.json(),
        serde_json::json!({ "program": "poolkeeper-console", "accounts": [] })
    );
    let session = console.open();
    assert_eq!(session.json["accounts"], serde_json::json!([]));
    assert_eq!(
        console.send(&console.own(&session, "GET", "/live/us/v3/ips")).status,
        404
    );
}

#[test]
fn an_account_is_read_only_until_somebody_says_otherwise() {
    let folder = Folder::new("rights");
    let shown = |args: &[&str]| {
        let console = Console::start(&folder, args, &[("MAILGUN_API_KEY", KEY)]);
        let session = console.open();
        (console.introduction.clone(), session.json["accounts"].clone())
    };
    let (said, accounts) = shown(&["--live", "eu", "--on-behalf-of", "5f1c00a1b32c35364a2ad34f"]);
    assert!(
        said.contains("account eu: https://api.eu.mailgun.net, read-only"),
        "{said}"
    );
    assert_eq!(
        accounts,
        serde_json::json!([{
            "name": "eu", "path": "/live/eu/", "place": "EU", "address": "https://api.eu.mailgun.net", "on_behalf_of": "5f1c00a1b32c35364a2ad34f",
            "may_act_for_others": false, "may_change": false,
        }])
    );
    let (said, accounts) = shown(&["--live", "us", "--allow-changes"]);
    assert!(
        said.contains("account us: https://api.mailgun.net, changes allowed"),
        "{said}"
    );
    assert_eq!(
        (&accounts[0]["may_change"], &accounts[0]["may_act_for_others"]),
        (&true.into(), &true.into())
    );
}

#[test]
fn each_account_of_a_file_has_its_own_key_and_rights() {
    let service = Service::plain();
    let folder = Folder::new("file");
    folder.private("config/poolkeeper/of-file.key", "key-of-the-file\n");
    folder.private(
        "config/poolkeeper/poolkeeper.toml",
        &format!(
            "[[account]]\nname = \"file\"\nurl = \"{base}\"\nkey_file = \"of-file.key\"\n\
             [[account]]\nname = \"variable\"\nurl = \"{base}\"\nkey_env = \"OTHER_KEY\"\nallow_changes = true\n\
             [[account]]\nname = \"program\"\nurl = \"{base}\"\nkey_command = [\"/bin/echo\", \"key-of-the-program\"]\n",
            base = service.base
        ),
    );
    let console = Console::start(
        &folder,
        &[],
        &[("OTHER_KEY", "key-of-the-variable"), ("MAILGUN_API_KEY", "key-unused")],
    );
    let session = console.open();
    for (name, key, may_change) in [
        ("file", "key-of-the-file", false),
        ("variable", "key-of-the-variable", true),
        ("program", "key-of-the-program", false),
    ] {
        let got = console.send(&console.own(&session, "GET", &format!("/live/{name}/v3/ips")));
        assert_eq!(got.status, 200, "{got:?}");
        let sent = header(&service.received().last().unwrap().head, "authorization").unwrap();
        assert_eq!(sent, basic(key), "{name}");
        let change = console.own(&session, "DELETE", &format!("/live/{name}/v3/dynamic_pools/all"));
        assert_eq!(
            console.send(&change).status,
            if may_change { 200 } else { 403 },
            "{name}"
        );
    }
    let names: Vec<&str> = session.json["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|account| account["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["file", "variable", "program"],
        "in the file's order: the page opens the first"
    );
}

fn basic(key: &str) -> String {
    use base64::Engine as _;
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(format!("api:{key}"))
    )
}

#[test]
fn the_file_that_the_documents_show_is_valid() {
    let shown = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/hosting/poolkeeper.toml");
    let shown = std::fs::read_to_string(shown).unwrap();
    // Its keyring is not on every machine.
    let text = shown.replace(
        "[\"secret-tool\", \"lookup\", \"service\", \"mailgun\"]",
        "[\"/bin/echo\", \"key\"]",
    );
    assert_ne!(shown, text);
    let folder = Folder::new("shown");
    let file = folder.private("poolkeeper.toml", &text);
    folder.private("europe.key", KEY);
    let console = Console::start(&folder, &["--accounts", &file], &[("MAILGUN_API_KEY", KEY)]);
    let accounts = console.open().json["accounts"].clone();
    let rights = |at: usize| (accounts[at]["name"].clone(), accounts[at]["may_change"].clone());
    assert_eq!(rights(0), ("main".into(), false.into()));
    assert_eq!(rights(1), ("europe".into(), true.into()));
    assert_eq!(rights(2), ("shop".into(), false.into()));
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let folder = Folder::new("key_file");
    let key = folder.private("key", KEY);
    for mode in [0o644, 0o640, 0o604, 0o620, 0o602] {
        folder.allow("key", mode);
        let (code, said) = failing(&folder, &["--live", "us", "--key-file", &key], &[]);
        assert_eq!(code, Some(1), "{mode:o}: {said}");
        assert!(
            said.contains(&format!("chmod 600 {key}")) && !said.contains(KEY),
            "{mode:o}: {said}"
        );
    }
    for mode in [0o600, 0o400] {
        folder.allow("key", mode);
        let console = Console::start(&folder, &["--live", "us", "--key-file", &key], &[]);
        assert!(console.introduction.contains("account us"), "{}", console.introduction);
    }
    let (code, said) = failing(&folder, &["--live", "us", "--key-file", &folder.path("none")], &[]);
    assert!(code == Some(1) && said.contains("none"), "{said}");
    let (code, said) = failing(&folder, &["--live", "us", "--key-file", &folder.path("dist")], &[]);
    assert!(
        code == Some(1) && said.contains("not a file with one API key"),
        "{said}"
    );
}

#[test]
fn a_file_of_accounts_that_others_can_change_is_refused() {
    let folder = Folder::new("shared_file");
    let file = folder.private("accounts.toml", "[[account]]\nname = \"main\"\nregion = \"us\"\n");
    for mode in [0o622, 0o620, 0o602] {
        folder.allow("accounts.toml", mode);
        let (code, said) = failing(&folder, &["--accounts", &file], &[("MAILGUN_API_KEY", KEY)]);
        assert!(
            code == Some(1) && said.contains("chmod 600") && !said.contains(KEY),
            "{mode:o}: {said}"
        );
    }
    folder.allow("accounts.toml", 0o644);
    let console = Console::start(&folder, &["--accounts", &file], &[("MAILGUN_API_KEY", KEY)]);
    assert!(
        console.introduction.contains("account main"),
        "others may read it: it holds no key"
    );
}

#[test]
fn a_key_is_never_an_argument_and_never_repeated() {
    let folder = Folder::new("no_argument");
    for option in ["--key", "--api-key", "--password"] {
        let (code, said) = failing(&folder, &["--live", "us", option, KEY], &[]);
        assert!(code == Some(2) && said.contains(option), "{said}");
    }
    // Nobody is there to ask.
    let (code, said) = failing(&folder, &["--live", "us"], &[]);
    assert!(
        code == Some(1) && said.contains("MAILGUN_API_KEY") && said.contains("--key-file"),
        "{said}"
    );
    let (code, said) = failing(
        &folder,
        &["--live", "us"],
        &[("MAILGUN_API_KEY", &format!("{KEY}\nX-Injected: 1"))],
    );
    assert!(code == Some(1) && !said.contains(KEY), "{said}");
    let file = folder.private(
        "accounts.toml",
        &format!("[[account]]\nname = \"main\"\nregion = \"us\"\nkey = \"{KEY}\"\n"),
    );
    let (code, said) = failing(&folder, &["--accounts", &file], &[]);
    assert!(
        code == Some(1) && said.contains("line 4") && said.contains("key_file") && !said.contains(KEY),
        "{said}"
    );
}

#[test]
fn addresses_that_would_show_the_key_are_refused() {
    let folder = Folder::new("addresses");
    for live in [
        "http://api.mailgun.net",
        "ftp://api.mailgun.net",
        "asia",
        "https://api:secret@api.mailgun.net",
    ] {
        let (code, said) = failing(&folder, &["--live", live], &[("MAILGUN_API_KEY", KEY)]);
        assert!(
            code == Some(1) && !said.contains("secret") && !said.contains(KEY),
            "{live}: {said}"
        );
    }
}

#[test]
fn other_machines_reach_it_only_through_a_proxy() {
    let folder = Folder::new("listen");
    for args in [
        &["--listen", "0.0.0.0:7878"][..],
        &["--user-header", "X-User"],
        &["--operator", "ann", "--behind-proxy", "console.example"],
        &["--key-file", "x"],
        &["--live", "us", "--accounts", "x"],
        &["--live", "us", "--on-behalf-of", "a b"],
        &[
            "--listen",
            "0.0.0.0:7878",
            "--behind-proxy",
            "console.example",
            "--port",
            "1",
        ],
    ] {
        let (code, said) = failing(&folder, args, &[("MAILGUN_API_KEY", KEY)]);
        assert_eq!(code, Some(2), "{args:?}: {said}");
    }
}

#[test]
fn a_taken_port_and_a_missing_page_are_told() {
    let folder = Folder::new("taken");
    let console = Console::start(&folder, &[], &[]);
    let port = console.address.rsplit(':').next().unwrap();
    let (code, said) = failing(&folder, &["--port", port], &[]);
    assert!(code == Some(1) && said.contains(&console.address), "{said}");
    std::fs::remove_file(folder.0.join("dist/index.html")).unwrap();
    let (code, said) = failing(&folder, &[], &[]);
    assert!(code == Some(1) && said.contains("no index.html"), "{said}");
}
