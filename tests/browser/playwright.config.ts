import { availableParallelism } from "node:os";
import { defineConfig, devices } from "@playwright/test";

// `cargo xtask test` names the browser; without it, the one Debian installs.
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
const port = Number(process.env.POOLKEEPER_PORT ?? 4173);

export default defineConfig({
  testDir: "specs",
  globalSetup: "./build-server.ts",
  outputDir: "test-results",
  reporter: [["list"]],
  // One a core, or as many as is said. `--shard=1/4` takes a quarter of the tests: each stands for itself.
  workers: process.env.POOLKEEPER_WORKERS ? Number(process.env.POOLKEEPER_WORKERS) : availableParallelism(),
  fullyParallel: true,
  forbidOnly: true,
  // What a test waits for comes, or it never does: time enough for a machine that is busy with twenty other things. Where much
  // never comes, the first few say why.
  timeout: 600_000,
  expect: { timeout: 90_000 },
  maxFailures: 15,
  use: {
    ...devices["Desktop Chrome"],
    baseURL: `http://127.0.0.1:${port}/some/where/`,
    // The account's days are UTC days; the viewer's are not, so that mixing them up shows.
    timezoneId: "America/New_York",
    locale: "en-GB",
    serviceWorkers: "block",
    screenshot: "only-on-failure",
    // A trace copies the page at every step, which takes longer than many a test: POOLKEEPER_TRACE=1 asks for it.
    trace: process.env.POOLKEEPER_TRACE ? "retain-on-failure" : "off",
    launchOptions: {
      executablePath,
      args: [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-quic",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
  projects: [{ name: "chromium" }],
  webServer: {
    command: "node static-host.mjs",
    url: `http://127.0.0.1:${port}/some/where/`,
    env: { PORT: String(port) },
    reuseExistingServer: false,
  },
});
