//! Programs that a project publishes ready to run, taken only if their content is the one known here.
//!
//! The one place that names a download site. What it sends is compared with a checksum before anything is unpacked, so a
//! changed file, a proxy's error page or a half download is never run: the tool is then compiled instead.

use crate::cache::create_folder;
use crate::problem::{Problem, Result};
use crate::process::{answer, run_quietly};
use std::path::Path;
use std::process::Command;

/// The builds of one version of a program, one archive for each kind of machine.
pub struct Release {
    version: &'static str,
    folder: &'static str,
    builds: &'static [Build],
}

struct Build {
    // As `std::env::consts` names them.
    os: &'static str,
    arch: &'static str,
    file: &'static str,
    sha256: &'static str,
}

/// Trunk's own builds. The checksums are those that taiki-e/install-action keeps in `manifests/trunk.json`.
pub const TRUNK: Release = Release {
    version: "0.21.14",
    folder: "https://github.com/trunk-rs/trunk/releases/download/v0.21.14",
    builds: &[
        Build {
            os: "linux",
            arch: "x86_64",
            file: "trunk-x86_64-unknown-linux-musl.tar.gz",
            sha256: "a67f4054b249fe9acc5fabc25de1aebf19783aca3ad6ff64bf34d7da44d0ea20",
        },
        Build {
            os: "linux",
            arch: "aarch64",
            file: "trunk-aarch64-unknown-linux-musl.tar.gz",
            sha256: "e8e2a2bb423ce6702ab9f4f02f8c9ae99d790f0301f7634e986b2dd8706019cc",
        },
        Build {
            os: "macos",
            arch: "x86_64",
            file: "trunk-x86_64-apple-darwin.tar.gz",
            sha256: "f1ba0e3bbe24e0ae219c6d22c33e24e2825c1608dd27c2556e323495110f1a95",
        },
        Build {
            os: "macos",
            arch: "aarch64",
            file: "trunk-aarch64-apple-darwin.tar.gz",
            sha256: "764e299dd50d89442a4e96a236349f57961984b701e74d3dbdb39cd1c9f5101e",
        },
    ],
};

impl Release {
    /// The version of the program.
    pub const fn version(&self) -> &'static str {
        self.version
    }

    /// Downloads this machine's build and puts `program` into `folder`. Takes some seconds at most where nothing answers.
    pub fn fetch(&self, program: &str, folder: &Path) -> Result<()> {
        let build = self.build_for(std::env::consts::OS, std::env::consts::ARCH)?;
        create_folder(folder)?;
        let archive = folder.join(build.file);
        let log = folder.join("download.log");
        // Gives up after 5 seconds without a connection, or when less than 10 KB a second come.
        let mut curl = Command::new("curl");
        curl.args(["--fail", "--silent", "--show-error", "--location"]);
        curl.args(["--connect-timeout", "5", "--speed-time", "10", "--speed-limit", "10000"]);
        curl.arg("--output")
            .arg(&archive)
            .arg(format!("{}/{}", self.folder, build.file));
        run_quietly(&mut curl, &log)?;
        let sum = sha256(&archive)?;
        if sum != build.sha256 {
            return Err(Problem::new(format!(
                "{} has the SHA-256 {sum}, not the expected {}",
                build.file, build.sha256
            )));
        }
        let mut tar = Command::new("tar");
        tar.arg("-xzf").arg(&archive).arg("-C").arg(folder).arg(program);
        run_quietly(&mut tar, &log)?;
        for used in [&archive, &log] {
            std::fs::remove_file(used).map_err(|error| Problem::file("remove", used, &error))?;
        }
        Ok(())
    }

    fn build_for(&self, os: &str, arch: &str) -> Result<&Build> {
        let mut builds = self.builds.iter();
        builds
            .find(|build| (build.os, build.arch) == (os, arch))
            .ok_or_else(|| Problem::new(format!("there is no build for {os} on {arch}")))
    }
}

/// A file's SHA-256 in hexadecimal, by the system's own program: `sha256sum` on Linux, `shasum` on macOS.
fn sha256(file: &Path) -> Result<String> {
    let programs: [(&str, &[&str]); 2] = [("sha256sum", &[]), ("shasum", &["-a", "256"])];
    programs
        .iter()
        .find_map(|(program, words)| {
            let printed = answer(Command::new(program).args(*words).arg(file))?;
            printed.split_whitespace().next().map(str::to_owned)
        })
        .ok_or_else(|| Problem::new("neither sha256sum nor shasum is here to check a download"))
}

#[cfg(test)]
pub mod tests {
    use super::{Build, Release, TRUNK, sha256};
    use std::net::TcpListener;
    use std::path::PathBuf;
    use std::process::Command;

    const FILE: &str = "saw.tar.gz";

    /// SHA-256 of the empty text, from FIPS 180: right for no archive.
    pub const OTHER: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// A download site in a folder, which has an archive with the program `saw`.
    pub struct Site {
        pub folder: PathBuf,
        pub sha256: String,
    }

    impl Site {
        pub fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("xtask-site-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("saw"), "#!/bin/sh\necho saw 1.0.0\n").unwrap();
            let mut chmod = Command::new("chmod");
            assert!(chmod.arg("755").arg(folder.join("saw")).status().unwrap().success());
            let mut tar = Command::new("tar");
            tar.args(["-czf", FILE, "saw"]).current_dir(&folder);
            assert!(tar.status().unwrap().success());
            let sha256 = sha256(&folder.join(FILE)).unwrap();
            Self { folder, sha256 }
        }

        pub fn address(&self) -> String {
            format!("file://{}", self.folder.display())
        }

        /// A port that was free a moment ago: a connection to it is refused.
        pub fn no_address(&self) -> String {
            let server = TcpListener::bind(("127.0.0.1", 0)).unwrap();
            format!("http://{}", server.local_addr().unwrap())
        }

        pub fn release(&self, address: &str, sha256: &str) -> Release {
            let leaked = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
            let build = Build {
                os: std::env::consts::OS,
                arch: std::env::consts::ARCH,
                file: FILE,
                sha256: leaked(sha256),
            };
            Release {
                version: "1.0.0",
                folder: leaked(address),
                builds: Box::leak(Box::new([build])),
            }
        }

        /// The names of the files that a download leaves, or what is said of it.
        fn downloaded(&self, address: &str, sha256: &str) -> Result<Vec<String>, String> {
            let into = self.folder.join("bin");
            let outcome = self.release(address, sha256).fetch("saw", &into);
            let entries = std::fs::read_dir(&into).unwrap();
            let names: Vec<String> = entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            match outcome {
                Ok(()) => Ok(names),
                Err(problem) => {
                    assert!(!names.contains(&"saw".to_owned()), "{names:?}");
                    Err(problem.to_string())
                }
            }
        }

        pub fn remove(self) {
            std::fs::remove_dir_all(self.folder).unwrap();
        }
    }

    #[test]
    fn a_checksum_is_that_of_the_standard() {
        let file = std::env::temp_dir().join(format!("xtask-prebuilt-abc-{}", std::process::id()));
        std::fs::write(&file, "abc").unwrap();
        // The example of FIPS 180-2.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(&file).unwrap(), expected);
        std::fs::remove_file(file).unwrap();
    }

    #[test]
    fn a_build_with_the_right_checksum_is_unpacked_and_nothing_else_stays() {
        let site = Site::new("right");
        let names = site.downloaded(&site.address(), &site.sha256);
        assert_eq!(names.unwrap(), ["saw"]);
        site.remove();
    }

    #[test]
    fn a_build_with_another_checksum_is_refused_and_both_are_named() {
        let site = Site::new("wrong");
        let said = site.downloaded(&site.address(), OTHER).unwrap_err();
        assert!(said.contains(&site.sha256) && said.contains(OTHER), "{said}");
        site.remove();
    }

    #[test]
    fn a_site_that_does_not_answer_is_an_error() {
        let site = Site::new("silent");
        let said = site.downloaded(&site.no_address(), &site.sha256).unwrap_err();
        assert!(said.contains("curl"), "{said}");
        site.remove();
    }

    #[test]
    fn a_machine_without_a_build_is_an_error() {
        let said = TRUNK.build_for("plan9", "mips").err().unwrap().to_string();
        assert!(said.contains("plan9"), "{said}");
    }

    #[test]
    fn every_known_checksum_is_one() {
        for build in TRUNK.builds {
            let is_hexadecimal = build.sha256.chars().all(|digit| digit.is_ascii_hexdigit());
            assert!(is_hexadecimal && build.sha256.len() == 64, "{}", build.file);
        }
    }
}
