import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

/** Builds the native program once, the way `cargo test` has built it already. */
export default function buildServer() {
  if (process.env.POOLKEEPER_BIN) return;
  const root = fileURLToPath(new URL("../..", import.meta.url));
  // The packages that `cargo test` selects, so that their features are the same and nothing is compiled again.
  const args = ["build", "--quiet", "--profile", "test", "--workspace", "--exclude", "poolkeeper", "--bin", "poolkeeper"];
  const { status } = spawnSync("cargo", args, { cwd: root, stdio: "inherit" });
  if (status !== 0) throw new Error(`cargo ${args.join(" ")} ended with ${status}`);
  process.env.POOLKEEPER_BIN = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug", "poolkeeper");
}
