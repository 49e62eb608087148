//! A disk that is full.

use super::report;
use crate::serve::http::Http;
use crate::serve::keeping::{Folder, asked};
use crate::serve::process::Server;
use mailgun_pools::transport::{Body, Method, Request};
use std::process::{Command, Stdio};

/// A small disk in memory, on a folder of its own.
struct SmallDisk(Folder);

impl SmallDisk {
    /// `None` where this process may not make one.
    fn mount() -> Option<Self> {
        let folder = Folder::new("torture-disk");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=256k", "tmpfs", &folder.file("")]);
        let status = mount.stderr(Stdio::null()).status().ok()?;
        status.success().then_some(Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").args(["--lazy", &self.0.file("")]).status();
    }
}

#[test]
fn a_full_disk_loses_no_answered_change() {
    const TRIED: &str = "a full disk (tmpfs of 256 KB) under changes, then room again, then kill -9";
    let Some(disk) = SmallDisk::mount() else {
        // The same is tried with a limit for file sizes in `serve::keeping`, which needs no rights.
        report(TRIED, 0, "not tried: no disk can be mounted here; run it as root");
        return;
    };
    let state = disk.0.file("account");
    let args = ["--state", &state, "--size", "5", "--still"];
    let server = Server::start(&args);
    let client = Http::new(&server.base);
    let pools = asked(&server, &Request::new(Method::Get, "/v3/dynamic_pools"));
    let held = pools["good_reputation"][0].as_str().unwrap();
    // Adding what is there already changes nothing, but its journal entry takes more than 10,000 bytes.
    let form = vec![("add_ip".to_owned(), held.to_owned()); 1_000];
    let large = Request::new(Method::Patch, "/v3/dynamic_pools/dynamic_good").body(Body::Form(form));
    let (mut taken, mut refused) = (0, 0);
    while refused < 20 {
        let answered = client.now(&large).unwrap();
        match answered.status {
            200 => taken += 1,
            507 => refused += 1,
            _ => panic!("{answered:?}"),
        }
        assert!(taken < 100, "the disk is never full");
    }
    let reads = Request::new(Method::Get, "/v1/dynamic_pools/domains");
    let domain = asked(&server, &reads)["items"][0]["name"].as_str().unwrap().to_owned();
    // The disk is filled to its last byte, and then a file of another program goes.
    let ballast = disk.0.file("ballast");
    let _ = std::fs::write(&ballast, vec![0; 300_000]);
    std::fs::remove_file(&ballast).unwrap();
    let path = format!("/v1/dynamic_pools/domains/{domain}/override");
    asked(&server, &Request::new(Method::Put, path).query("pool", "dynamic_poor"));
    let before = asked(&server, &reads);
    server.kill();
    let journal = std::fs::read_to_string(format!("{state}.journal")).unwrap();
    // The format, the account's name, and the pin.
    assert_eq!(journal.lines().count(), 3 + taken);
    let server = Server::start(&args);
    assert_eq!(asked(&server, &reads)["items"], before["items"]);
    server.kill();
    report(
        TRIED,
        taken + refused + 1,
        &format!("{refused} changes refused with 507, the other {} all there", taken + 1),
    );
}
