//! The what-if lab's worker: `crates/worker`, compiled twice, for browsers that know 128-bit vectors and for others.
//!
//! Each build is a script and its wasm, `lab-simd-….js` and `lab-scalar-….js`. The pages name the hash of both in a `<meta>`,
//! and `crates/worker/src/script.rs` chooses. Neither belongs to the first view: a worker starts when there is traffic to look at.

use crate::cache::create_folder;
use crate::policy;
use crate::problem::{Problem, Result, say};
use crate::process::{cargo, run, run_quietly};
use crate::project::Project;
use crate::setup::Tools;
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The builds, and the compiler flags of each.
const BUILDS: [(&str, &str); 2] = [("simd", "-Ctarget-feature=+simd128"), ("scalar", "")];

const TARGET: &str = "wasm32-unknown-unknown";

/// How much time to spend on making it fast.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// As fast as it gets.
    Release,
    /// Rebuilt soon.
    Serve,
}

impl Pace {
    const fn profile(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Serve => "serve",
        }
    }
}

/// What `cargo xtask run` has Trunk call after each bundle, with Trunk's own variables.
pub fn add_to_bundle(project: &Project) -> Result<()> {
    let place = |name: &str| {
        let value = std::env::var_os(name).map(PathBuf::from);
        value.ok_or_else(|| Problem::new(format!("Trunk did not set {name}: this task is for it to call.")))
    };
    let pace = match std::env::var_os("TRUNK_PROFILE") {
        Some(profile) if profile == "release" => Pace::Release,
        _ => Pace::Serve,
    };
    // Trunk was started with everything that compiling for wasm32 takes.
    let dist = place("TRUNK_STAGING_DIR")?;
    write(project, &Tools::inherited(), &dist, pace)?;
    policy::write_served(&dist)
}

/// Builds the workers, adds them to `dist`, and names them in its `index.html`.
pub fn write(project: &Project, tools: &Tools, dist: &Path, pace: Pace) -> Result<()> {
    say("the lab's worker, with vectors and without");
    let made = BUILDS.map(|(name, flags)| make(project, tools, name, flags, pace));
    let builds = made.into_iter().collect::<Result<Vec<_>>>()?;
    let mut hasher = DefaultHasher::new();
    for build in &builds {
        hasher.write(build.script.as_bytes());
        hasher.write(&build.wasm);
    }
    let hash = format!("{:016x}", hasher.finish());
    for build in builds {
        let name = format!("lab-{}-{hash}", build.name);
        save(
            &dist.join(format!("{name}.js")),
            started(&build.script, &name).as_bytes(),
        )?;
        save(&dist.join(format!("{name}_bg.wasm")), &build.wasm)?;
    }
    let page = dist.join("index.html");
    let html = std::fs::read_to_string(&page).map_err(|error| Problem::file("read", &page, &error))?;
    save(&page, named(&html, &hash)?.as_bytes())
}

/// Whether a file of `dist` belongs to a worker.
pub fn is_of_worker(file: &str) -> bool {
    BUILDS.iter().any(|(name, _)| file.starts_with(&format!("lab-{name}-")))
}

struct WorkerBuild {
    name: &'static str,
    script: String,
    wasm: Vec<u8>,
}

/// Where cargo compiles it: a folder of its own, so that it does not wait for the app.
pub fn target(project: &Project) -> PathBuf {
    project.path("target/lab")
}

/// Compiles both builds to wasm, without finishing them.
pub fn compile(project: &Project, tools: &Tools, pace: Pace) -> [Command; 2] {
    BUILDS.map(|(_, flags)| compile_one(project, tools, flags, pace))
}

fn compile_one(project: &Project, tools: &Tools, flags: &str, pace: Pace) -> Command {
    let mut compile = tools.for_wasm(cargo());
    compile.args([
        "build",
        "--quiet",
        "--package",
        "poolkeeper-worker",
        "--bin",
        "worker",
        "--target",
        TARGET,
    ]);
    compile.args(["--profile", pace.profile()]);
    compile.arg("--target-dir").arg(target(project));
    compile.env("RUSTFLAGS", flags).env_remove("CARGO_ENCODED_RUSTFLAGS");
    compile.current_dir(project.path(""));
    compile
}

fn make(project: &Project, tools: &Tools, name: &'static str, flags: &str, pace: Pace) -> Result<WorkerBuild> {
    run(&mut compile_one(project, tools, flags, pace))?;
    let target = target(project);
    let bound = target.join(name);
    create_folder(&bound)?;
    let mut bind = tools.program("wasm-bindgen");
    bind.args([
        "--target",
        "no-modules",
        "--no-typescript",
        "--out-name",
        "lab",
        "--out-dir",
    ]);
    bind.arg(&bound)
        .arg(target.join(TARGET).join(pace.profile()).join("worker.wasm"));
    run_quietly(&mut bind, &bound.join("bind.log"))?;

    let (script, mut wasm) = (bound.join("lab.js"), bound.join("lab_bg.wasm"));
    if pace == Pace::Release {
        let small = bound.join("small.wasm");
        run_quietly(
            tools
                .program("wasm-opt")
                .args(optimizer_words(&wasm, &small, name == "simd")),
            &bound.join("optimize.log"),
        )?;
        wasm = small;
    }
    Ok(WorkerBuild {
        name,
        script: std::fs::read_to_string(&script).map_err(|error| Problem::file("read", &script, &error))?,
        wasm: std::fs::read(&wasm).map_err(|error| Problem::file("read", &wasm, &error))?,
    })
}

/// Speed before size: nobody waits for the worker's download.
fn optimizer_words(from: &Path, to: &Path, has_vectors: bool) -> Vec<OsString> {
    let mut words: Vec<OsString> = [
        "-O3",
        "--enable-bulk-memory",
        "--enable-mutable-globals",
        "--enable-multivalue",
        "--enable-nontrapping-float-to-int",
        "--enable-reference-types",
        "--enable-sign-ext",
    ]
    .map(Into::into)
    .into();
    if has_vectors {
        words.push("--enable-simd".into());
    }
    words.extend([from.into(), "-o".into(), to.into()]);
    words
}

/// The script, which also starts what it loads.
fn started(script: &str, name: &str) -> String {
    format!("{script}\nwasm_bindgen({{ module_or_path: \"{name}_bg.wasm\" }});\n")
}

fn named(html: &str, hash: &str) -> Result<String> {
    if !html.contains("</head>") {
        return Err(Problem::new("index.html has no </head>: Trunk did not write it."));
    }
    let meta = format!("<meta name=\"lab-worker\" content=\"{hash}\"></head>");
    Ok(html.replacen("</head>", &meta, 1))
}

fn save(file: &Path, content: &[u8]) -> Result<()> {
    std::fs::write(file, content).map_err(|error| Problem::file("write", file, &error))
}

#[cfg(test)]
mod tests {
    use super::{is_of_worker, named, optimizer_words, started};
    use std::path::Path;

    #[test]
    fn pages_name_the_hash_once() {
        let html = named("<html><head></head><body></head></body></html>", "12ab").unwrap();
        assert_eq!(
            html,
            "<html><head><meta name=\"lab-worker\" content=\"12ab\"></head><body></head></body></html>"
        );
        assert!(named("<html></html>", "12ab").is_err());
    }

    #[test]
    fn a_script_loads_the_wasm_beside_it() {
        assert!(started("let wasm_bindgen;", "lab-simd-12ab").contains("\"lab-simd-12ab_bg.wasm\""));
    }

    #[test]
    fn only_one_build_may_use_vectors() {
        let words = |has_vectors| optimizer_words(Path::new("a"), Path::new("b"), has_vectors);
        assert!(words(true).contains(&"--enable-simd".into()) && !words(false).contains(&"--enable-simd".into()));
    }

    #[test]
    fn the_workers_files_are_told_from_others() {
        assert!(is_of_worker("lab-simd-12ab.js") && is_of_worker("lab-scalar-12ab_bg.wasm"));
        assert!(!is_of_worker("app-12ab.js") && !is_of_worker("sw.js"));
    }
}
