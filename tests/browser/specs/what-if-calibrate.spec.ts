import type { Page } from "@playwright/test";
import { axeViolations, expect, test } from "../fixture";
import { folder, poolkeeper, saved } from "../lab";
import { connect, open, serve } from "../serve";
import { WHAT_IF } from "../texts";

const section = (page: Page) => page.getByRole("region", { name: WHAT_IF.thresholds });
const intervals = (page: Page) => section(page).getByRole("listitem").filter({ has: page.getByRole("heading") });

const NAMES = [
  "Bounce rate, good at most",
  "Bounce rate, poor at least",
  "Complaint rate, good at most",
  "Complaint rate, poor at least",
  "Minimum processed",
];

test("the simulator's account leads to intervals that hold its true thresholds", async ({ page }) => {
  await page.goto("what-if");
  await section(page).getByRole("button", { name: /^Gather from Simulator/ }).click();
  await expect(intervals(page).getByRole("heading")).toHaveText(NAMES);
  // The default policy's values, from the rules.
  const true_values = ["5 %", "10 %", "0.1 %", "0.3 %", "1,000 messages"];
  for (const [at, value] of true_values.entries()) {
    await expect(intervals(page).nth(at)).toContainText(`The simulator's is ${value}: inside.`);
  }
  await expect(section(page)).toContainText(/[\d,]+ observations.* none contradicts/);
  await expect(section(page)).toContainText(/Gathered: 60 previews, [\d,]+ enrolled domains and [\d,]+ history records/);
  // A is the simulator's own policy.
  await expect(section(page).getByRole("button", { name: "Use as A" })).toBeDisabled();
  await expect(section(page)).toContainText("A fits all of them already.");
});

/** A preview of a domain that is not enrolled, where every band is a vote. */
const preview = (domain: string, bounce: [number, string], complaint: [number, string]) => ({
  domain,
  standing: "not_enrolled",
  preview: {
    pool: null,
    bounce_rate: { value: bounce[0], band: `dynamic_${bounce[1]}` },
    complaint_rate: { value: complaint[0], band: `dynamic_${complaint[1]}` },
    processed_count: { value: 25_000, band: "dynamic_good" },
    message: null,
  },
});

// Rates of two decimals are known to a hundredth: 0.12 called good was at least 0.11; 0.25 called poor at most 0.26. 0.002
// among rates of three decimals was at least 0.001.
const OBSERVATIONS = {
  previews: [preview("good.example", [0.12, "good"], [0.002, "good"]), preview("poor.example", [0.25, "poor"], [0.002, "good"])],
  domains: [],
  history: [],
};

test("observations from a file bound the thresholds, contradictions are listed, and A takes them", async ({ page }) => {
  const files = folder();
  await page.goto("what-if");
  const opened = section(page).getByLabel("Open observations");
  await opened.setInputFiles(files.write("seen.json", JSON.stringify(OBSERVATIONS)));
  await expect(intervals(page).getByRole("heading")).toHaveText(NAMES);
  const [good, poor, complaint, , minimum] = await intervals(page).all();
  await expect(good).toContainText("11 %");
  await expect(good).toContainText("good.example, a preview");
  await expect(good).toContainText("A has 5 %, which does not fit.");
  await expect(poor).toContainText("26 %");
  await expect(poor).toContainText("poor.example, a preview");
  await expect(complaint).toContainText("0.1 %");
  await expect(minimum).toContainText("at most 25,000 messages");
  await expect(section(page)).toContainText(/2 observations.* none contradicts/);
  await expect(section(page)).not.toContainText("The simulator's");

  await section(page).getByRole("button", { name: "Use as A" }).click();
  await expect(good).toContainText("A has 11 %, which fits.");
  await expect(section(page)).toContainText("A fits all of them already.");

  // What is saved is what the command line reads, and it finds the same.
  await section(page).getByRole("button", { name: "Save" }).click();
  const kept = await saved(page, () => page.getByRole("menuitem", { name: "Observations (JSON)" }).click());
  await section(page).getByRole("button", { name: "Save" }).click();
  const report = await saved(page, () => page.getByRole("menuitem", { name: "Report (JSON)" }).click());
  poolkeeper("calibrate", "--observations", kept.path, "--json", files.path("report.json"), "--quiet");
  expect(report.text).toBe(files.read("report.json"));

  // Good at 90 % and poor at 25 % cannot both be: two say one thing, one the other.
  const more = [preview("poorer.example", [0.28, "poor"], [0.002, "good"]), preview("odd.example", [0.9, "good"], [0.002, "good"])];
  const torn = { ...OBSERVATIONS, previews: [...OBSERVATIONS.previews, ...more] };
  await opened.setInputFiles(files.write("torn.json", JSON.stringify(torn)));
  await expect(section(page)).toContainText(/3 observations.* 1 contradicts/);
  await expect(section(page)).toContainText("Contradictions: 1");
  const left_out = section(page).getByRole("listitem").filter({ hasText: "is left out" });
  await expect(left_out).toHaveText("Bounce rate, good at most: odd.example, a preview is left out, against poor.example, a preview.");

  await opened.setInputFiles(files.write("notes.json", "{}"));
  await expect(section(page).getByRole("alert")).toContainText("notes.json can't be opened: these are no observations");
});

test("a live account is gathered from through the API, and its true thresholds are not known", async ({ page }) => {
  const server = await serve("--cors", "--size", "200", "--still");
  await connect(page, server.base);
  await open(page, "What-if");
  await section(page).getByLabel("Previews to run, at most").fill("12");
  await section(page).getByLabel("Previews to run, at most").blur();
  await section(page).getByRole("button", { name: /^Gather from Live/ }).click();
  await expect(intervals(page).getByRole("heading")).toHaveText(NAMES);
  await expect(section(page)).toContainText("Gathered: 12 previews");
  await expect(section(page)).not.toContainText("The simulator's");
  // The server's policy is the default, and it fits.
  await expect(intervals(page).nth(1)).toContainText("A has 10 %, which fits.");
  server.stop();
});

test.describe("360 px", () => {
  test.use({ viewport: { width: 360, height: 740 } });
  test("the intervals fit and have no accessibility violation in either theme", async ({ page }) => {
    test.slow();
    await page.goto("what-if");
    await section(page).getByRole("button", { name: /^Gather from Simulator/ }).click();
    await expect(intervals(page)).toHaveCount(5);
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1]);
    expect(await axeViolations(page)).toEqual([]);
  });
});
