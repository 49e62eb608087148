import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { KEY } from "./serve";

/** The console server, on a free port, with the built page. */
export type ConsoleServer = { base: string; link: string; log: () => string; stop: () => void };

const dist = process.env.POOLKEEPER_DIST ?? fileURLToPath(new URL("../../dist", import.meta.url));

/** Starts `poolkeeper` before a live side, which it reaches with the tests' key. */
export const startConsole = (live: string, ...args: string[]) => startProgram("--live", live, ...args);

/** Starts `poolkeeper`, which has the tests' key. */
export async function startProgram(...args: string[]): Promise<ConsoleServer> {
  // Each program has a record of its own: one process uses one.
  const state = mkdtempSync(join(tmpdir(), "poolkeeper-"));
  const child = spawn(process.env.POOLKEEPER_BIN!, ["--port", "0", "--no-open", "--page", dist, ...args], {
    env: { MAILGUN_API_KEY: KEY, XDG_STATE_HOME: state },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // Also when a test breaks off before its end.
  process.once("exit", () => {
    child.kill("SIGKILL");
    rmSync(state, { recursive: true, force: true });
  });
  let log = "";
  child.stderr.on("data", (text) => (log += text));
  const link = await new Promise<string>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`poolkeeper ended with ${code}: ${log}`)));
    createInterface({ input: child.stdout }).once("line", (line) => resolve(line.replace("poolkeeper console: ", "")));
  });
  return { base: new URL(link).origin, link, log: () => log, stop: () => void child.kill("SIGKILL") };
}
