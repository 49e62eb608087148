import type { Page } from "@playwright/test";
import { axeViolations, expect, test } from "../fixture";
import { csv, folder, policy, poolkeeper, saved, take, useReport } from "../lab";

// Under A (5 % and 10 %) both stay where 1 % put them; under B (2 % and 5 %) turn.example, with 5.714 % in its last window, ends
// in poor.
const TRAFFIC = csv(10, {
  "steady.example": () => [1_000, 990, 10, 1],
  "turn.example": (day) => (day < 9 ? [500, 500, 0, 0] : [500, 400, 100, 0]),
  "=formula.example": () => undefined,
});
const STRICT = { bounce: { good_at_most_ppm: 20_000, poor_at_least_ppm: 50_000, poor_min_events: 1 } };

function reports() {
  const files = folder();
  const traffic = files.write("march.csv", TRAFFIC);
  const [a, b] = [files.write("a.json", policy()), files.write("b.json", policy(STRICT))];
  const out = ["--json", files.path("report.json"), "--affected", files.path("affected.csv"), "--quiet"];
  poolkeeper("compare", "--csv", traffic, "--policy", a, "--against", b, ...out);
  return { files, traffic };
}

async function save(page: Page, what: string) {
  await page.getByRole("button", { name: "Save report" }).click();
  return saved(page, () => page.getByRole("menuitem", { name: what }).click());
}

test("the page and the command line make the same report of the same file, and either opens the other's", async ({ page }) => {
  const { files, traffic } = reports();
  await page.goto("what-if");
  await take(page, traffic);
  await useReport(page, files.path("report.json"));

  const json = await save(page, "As data (JSON)");
  expect(json.name).toBe("poolkeeper-march-csv.json");
  expect(JSON.parse(json.text).result.compare.affected.map(({ name }: { name: string }) => name)).toEqual(["turn.example"]);
  // Byte for byte.
  expect(json.text).toBe(files.read("report.json"));

  expect((await save(page, "Affected domains (CSV)")).text).toBe(files.read("affected.csv"));

  // The page's own report, opened again, is about the traffic at hand; the command line reads its sweep of policies.
  await page.getByLabel("Open report").setInputFiles(json.path);
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("It is about the traffic at hand");
  await expect(dialog).toContainText("2 domains over 10 days from 1 Mar 2026");
  await expect(dialog.getByRole("row", { name: /^Bounces/ })).toHaveText(
    "Bouncesgood at most 5 %, poor from 10 %good at most 2 %, poor from 5 %",
  );
  await expect(dialog.getByRole("listitem").first()).toContainText("1 more domain");
});

test("the exported page opens without a network and without a script error", async ({ page, browser }) => {
  const { files, traffic } = reports();
  await page.goto("what-if");
  await take(page, traffic);
  await useReport(page, files.path("report.json"));
  const html = await save(page, "As a page (HTML)");
  expect(html.name).toBe("poolkeeper-march-csv.html");

  const context = await browser.newContext({ offline: true });
  const second = await context.newPage();
  const problems: string[] = [];
  const asked: string[] = [];
  second.on("pageerror", (error) => problems.push(error.message));
  second.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  second.on("request", (request) => asked.push(request.url()));
  const at = `file://${files.write("report.html", html.text)}`;
  await second.goto(at);
  await expect(second.getByRole("heading", { level: 1 })).toHaveText("What moves between policy A and policy B");
  await expect(second.getByRole("row", { name: /turn\.example/ })).toBeVisible();
  await expect(second.locator("body")).toContainText("march.csv");
  expect({ problems, asked }).toEqual({ problems: [], asked: [at] });
  expect(await axeViolations(second)).toEqual([]);
  await context.close();
});

test("a report about other traffic, and files that are none, say what they are", async ({ page }) => {
  const { files, traffic } = reports();
  await page.goto("what-if");
  const opened = page.getByLabel("Open report");
  const dialog = page.getByRole("dialog");
  const close = async () => {
    await dialog.getByRole("button", { name: "Close" }).click();
    await expect(dialog).toBeHidden();
  };
  // The steady one alone is other traffic.
  await take(page, files.write("other.csv", TRAFFIC.split("\n").filter((line) => !line.includes("turn")).join("\n")));
  await opened.setInputFiles(files.path("report.json"));
  await expect(dialog).toContainText("It is about other traffic than the one at hand");
  await close();
  await take(page, traffic);
  await opened.setInputFiles(files.path("report.json"));
  await expect(dialog).toContainText("It is about the traffic at hand");
  await close();

  const report = JSON.parse(files.read("report.json"));
  const bad: [string, string, string][] = [
    ["notes.json", "{\"notes\": []}", "this is not a Poolkeeper report: missing field `format`"],
    ["words.json", "hello", "this is not a Poolkeeper report: expected value"],
    ["later.json", JSON.stringify({ ...report, version: 99 }), "this report has version 99, this Poolkeeper reads up to 1"],
    ["torn.json", files.read("report.json").slice(0, 400), "this is not a Poolkeeper report: EOF while parsing"],
  ];
  for (const [name, text, says] of bad) {
    await opened.setInputFiles(files.write(name, text));
    await expect(dialog.getByRole("heading", { name })).toBeVisible();
    await expect(dialog.getByRole("alert")).toContainText(says);
    await close();
  }
});

test("the link is the page's address", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("what-if");
  await page.getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByText("Copied")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
});
