//! Files that people write and reports that are opened.

use poolkeeper_cli::decoders;
use poolkeeper_core::health::Policy;
use poolkeeper_lab::report::LabReport;
use poolkeeper_view::what_if::report;

/// The first byte chooses the kind of file.
pub fn policy_files(bytes: &[u8]) {
    let Some((kind, file)) = bytes.split_first() else {
        return;
    };
    match kind % 4 {
        0 => {
            if let Ok(policy) = decoders::policy(file) {
                let _ = policy.validate();
                let written = serde_json::to_vec(&policy).expect("JSON");
                assert_eq!(decoders::policy(&written), Ok(policy));
            }
        }
        1 => {
            if let Ok(sweep) = decoders::sweep(file) {
                let written = serde_json::to_vec(&sweep).expect("JSON");
                assert_eq!(decoders::sweep(&written), Ok(sweep));
            }
        }
        2 => {
            if let Ok(observations) = decoders::observations(file) {
                let _ = poolkeeper_lab::calibrate::calibrate(&observations, &Default::default());
            }
        }
        _ => {
            let _ = decoders::accounts(&String::from_utf8_lossy(file));
        }
    }
}

/// A report: what opens is shown, and saved again it is the same.
pub fn report_files(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(opened) = LabReport::from_json(&text) else {
        return;
    };
    let _ = (report::title(&opened), report::findings(&opened));
    let _ = opened
        .traffic
        .as_ref()
        .map(|of| (report::traffic(of), report::slug(&of.origin)));
    let _ = report::params_to_apply(&opened, &Policy::default());
    let html = poolkeeper_lab::report::html(&opened);
    assert!(html.starts_with("<!doctype html>"));
    let json = opened.to_json();
    assert_eq!(LabReport::from_json(&json).map(|again| again.to_json()), Ok(json));
}
