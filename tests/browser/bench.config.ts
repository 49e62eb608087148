import tests from "./playwright.config";

// One at a time, on the machine's own pace: figures, not pass or fail.
export default { ...tests, testDir: "bench", testMatch: "*.bench.ts", workers: 1, timeout: 600_000, use: { ...tests.use, trace: "off" as const } };
