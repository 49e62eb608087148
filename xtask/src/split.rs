//! Splits the app's wasm into the part that the first view needs and chunks that are fetched later.
//!
//! Trunk bundles the whole app. This step replaces its files under the same names. The splitter needs the linker's output with
//! its relocations, which `build.rs` keeps; wasm-bindgen then runs on the first part alone.

use crate::cache::{create_folder, remove_folder};
use crate::offline::files_of;
use crate::problem::{Problem, Result, say};
use crate::process::run_quietly;
use crate::project::Project;
use crate::setup::Tools;
use std::path::Path;

/// The feature that marks where to split.
pub const FEATURE: &str = "split";

// The splitter's name for it.
const CUT_LOADER: &str = "__wasm_split.js";

/// Replaces the app in `dist` by its first part and its chunks.
pub fn write(project: &Project, tools: &Tools, dist: &Path) -> Result<()> {
    let app = bundled(&files_of(dist)?)?;
    let work = project.target().join("split");
    let (cut, bound) = (work.join("cut"), work.join("bound"));
    remove_folder(&work)?;
    create_folder(&cut)?;
    create_folder(&bound)?;

    say("splitting the app into chunks");
    let mut splitter = tools.program("wasm-split-cli");
    splitter
        .arg(project.target().join("wasm32-unknown-unknown/web/app.wasm"))
        .arg(&cut);
    splitter.args(["--target", "web", "--out-name", &app]);
    run_quietly(&mut splitter, &work.join("cut.log"))?;

    let mut bindgen = tools.program("wasm-bindgen");
    bindgen.args([
        "--target",
        "web",
        "--no-typescript",
        "--keep-lld-exports",
        "--no-demangle",
    ]);
    bindgen.args(["--out-name", &app, "--out-dir"]);
    bindgen.arg(&bound).arg(cut.join(format!("{app}.wasm")));
    run_quietly(&mut bindgen, &work.join("bind.log"))?;

    let main = format!("{app}_bg.wasm");
    optimize(tools, &bound.join(&main), &dist.join(&main))?;
    let names = Names::of(&app);
    let parts = files_of(&cut)?;
    for part in parts
        .iter()
        .filter(|file| file.ends_with(".wasm") && **file != format!("{app}.wasm"))
    {
        optimize(tools, &cut.join(part), &dist.join(names.of_part(part)))?;
    }
    let script = format!("{app}.js");
    names.rename(&bound.join(&script), &dist.join(&script), &parts)?;
    names.rename(&cut.join(CUT_LOADER), &dist.join(names.loader()), &parts)?;
    preload(&dist.join("index.html"), &names.loader())
}

/// Makes the page fetch a script at once; otherwise the browser finds it only after loading another script.
fn preload(page: &Path, script: &str) -> Result<()> {
    let html = std::fs::read_to_string(page).map_err(|error| Problem::file("read", page, &error))?;
    let link = format!("<link rel=\"modulepreload\" href=\"./{script}\"></head>");
    std::fs::write(page, html.replacen("</head>", &link, 1)).map_err(|error| Problem::file("write", page, &error))
}

/// The name of the app's files, without extension: `app-0123456789abcdef`.
fn bundled(files: &[String]) -> Result<String> {
    let mut apps = files
        .iter()
        .filter_map(|file| file.strip_suffix("_bg.wasm"))
        .filter(|name| name.starts_with("app-"));
    match (apps.next(), apps.next()) {
        (Some(app), None) => Ok(app.to_owned()),
        _ => Err(Problem::new(
            "dist/ does not hold exactly one app-…_bg.wasm: Trunk did not write it.",
        )),
    }
}

/// Runs wasm-opt with the arguments that `index.html` gives to Trunk.
fn optimize(tools: &Tools, from: &Path, to: &Path) -> Result<()> {
    const SETTINGS: [&str; 7] = [
        "-Oz",
        "--enable-bulk-memory",
        "--enable-mutable-globals",
        "--enable-multivalue",
        "--enable-nontrapping-float-to-int",
        "--enable-reference-types",
        "--enable-sign-ext",
    ];
    let mut optimizer = tools.program("wasm-opt");
    optimizer.args(SETTINGS).arg(from).arg("-o").arg(to);
    run_quietly(&mut optimizer, &from.with_extension("log"))
}

/// The chunks' names in `dist`. They contain the hash of the app, so that a cache never mixes two builds.
struct Names {
    hash: String,
}

impl Names {
    fn of(app: &str) -> Self {
        let hash = app.rsplit('-').next().unwrap_or(app).to_owned();
        Self { hash }
    }

    fn loader(&self) -> String {
        format!("parts-{}.js", self.hash)
    }

    fn of_part(&self, file: &str) -> String {
        format!("{}-{}.wasm", file.trim_end_matches(".wasm"), self.hash)
    }

    /// Copies a script and renames the files it mentions.
    fn rename(&self, from: &Path, to: &Path, parts: &[String]) -> Result<()> {
        let script = std::fs::read_to_string(from).map_err(|error| Problem::file("read", from, &error))?;
        std::fs::write(to, self.renamed(&script, parts)).map_err(|error| Problem::file("write", to, &error))
    }

    fn renamed(&self, script: &str, parts: &[String]) -> String {
        // The app itself reports a chunk that can't be fetched. A page that is closed during the download is no error.
        let script = script.replace("console.error(e)", "console.warn(e)");
        // Only in imports: the wasm uses the splitter's name.
        let script = script.replace(
            &format!("from \"./{CUT_LOADER}\""),
            &format!("from \"./{}\"", self.loader()),
        );
        parts
            .iter()
            .filter(|file| file.ends_with(".wasm"))
            .fold(script, |script, file| {
                script.replace(&format!("\"./{file}\""), &format!("\"./{}\"", self.of_part(file)))
            })
    }
}

/// Whether a file of `dist` is a chunk, which is fetched after the first view.
pub fn is_part(file: &str) -> bool {
    file.ends_with(".wasm") && !file.ends_with("_bg.wasm")
}

#[cfg(test)]
mod tests {
    use super::{Names, bundled, is_part};

    #[test]
    fn the_app_is_known_by_its_wasm() {
        let files = ["app-12ab.js", "app-12ab_bg.wasm", "index.html"].map(str::to_owned);
        assert_eq!(bundled(&files).unwrap(), "app-12ab");
        assert!(bundled(&files[..1]).is_err());
    }

    #[test]
    fn scripts_name_parts_as_they_are_called_in_dist() {
        let names = Names::of("app-12ab");
        let parts = ["app-12ab.wasm", "chunk_1.wasm", "chunk_11.wasm", "__wasm_split.js"].map(str::to_owned);
        let script = r#"import { x } from "./__wasm_split.js"; { "./__wasm_split.js": x }; new URL("./chunk_1.wasm"); new URL("./chunk_11.wasm"); console.error(e)"#;
        let renamed = names.renamed(script, &parts);
        let expected = r#"import { x } from "./parts-12ab.js"; { "./__wasm_split.js": x }; new URL("./chunk_1-12ab.wasm"); new URL("./chunk_11-12ab.wasm"); console.warn(e)"#;
        assert_eq!(renamed, expected);
    }

    #[test]
    fn parts_are_told_from_the_first() {
        assert!(is_part("chunk_1-12ab.wasm") && !is_part("app-12ab_bg.wasm") && !is_part("parts-12ab.js"));
    }
}
