import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { KEY } from "./serve";

/** The console server, on a free port, with the built page. */
export type ConsoleServer = { base: string; link: string; log: () => string; stop: () => void };

const dist = process.env.POOLKEEPER_DIST ?? fileURLToPath(new URL("../../dist", import.meta.url));

/** Starts `poolkeeper` before a live side, which it reaches with the tests' key. */
export async function startConsole(live: string, ...args: string[]): Promise<ConsoleServer> {
  const child = spawn(process.env.POOLKEEPER_BIN!, ["--live", live, "--port", "0", "--no-open", "--page", dist, ...args], {
    env: { MAILGUN_API_KEY: KEY },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // Also when a test breaks off before its end.
  process.once("exit", () => child.kill("SIGKILL"));
  let log = "";
  child.stderr.on("data", (text) => (log += text));
  const link = await new Promise<string>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`poolkeeper ended with ${code}: ${log}`)));
    createInterface({ input: child.stdout }).once("line", (line) => resolve(line.replace("poolkeeper console: ", "")));
  });
  return { base: new URL(link).origin, link, log: () => log, stop: () => void child.kill("SIGKILL") };
}
