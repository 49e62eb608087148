import { readFileSync } from "node:fs";
import { expect, test } from "../fixture";

const csv = (rows: string[], head = "date,domain,processed,delivered,bounced,complained") => ({
  name: "counts.csv",
  mimeType: "text/csv",
  buffer: Buffer.from([head, ...rows].join("\n")),
});

test("a CSV of one's own shows where each domain sits, and says which rows it left out", async ({ page }) => {
  await page.goto("settings");
  const buffer = readFileSync(new URL("../../data/daily-counts.csv", import.meta.url));
  await page.locator('input[type="file"]').first().setInputFiles({ name: "daily-counts.csv", mimeType: "text/csv", buffer });
  const report = page.getByRole("region", { name: "Import report" });
  await expect(report).toBeVisible({ timeout: 60_000 });
  await expect(report.getByRole("definition").nth(1)).toHaveText("400");
  await expect(report).toContainText("1 Apr 2026 to 29 Jul 2026");
  await expect(report.getByText("Rejected rows (4)")).toBeVisible();
  await expect(report.getByRole("group").first().getByRole("listitem")).toHaveCount(4);

  // What an independent reading of the rules says of this file: 264 good, 47 poor, 89 new.
  await page.getByRole("link", { name: "Overview", exact: true }).click();
  await expect(page.getByText("Simulator · daily-counts.csv")).toBeVisible();
  await expect(page.getByRole("region", { name: /Good reputation/ })).toContainText("264");
  await expect(page.getByRole("region", { name: /Poor reputation/ })).toContainText("47");
  await expect(page.getByRole("region", { name: /New senders/ })).toContainText("89");
});

test("a file that can't be read changes nothing and says what to do", async ({ page }) => {
  await page.goto("settings");
  await page.locator('input[type="file"]').first().setInputFiles(csv(["2026-04-01,a.example,1,1,0,0"], "day,domain,processed"));
  await expect(page.getByRole("alert").filter({ hasText: "counts.csv can't be read" })).toContainText("delivered");
  await expect(page.getByText("Simulator · Bought list")).toBeVisible();
});

test("broken rows are listed with line and reason and the rest goes in, and undo takes it all back", async ({ page }) => {
  await page.goto("settings");
  const rows = ["2026-04-01,a.example,10,9,1,0", "2026-04-31,a.example,10,9,1,0", "2026-04-02,a.example,ten,9,1,0", "2026-04-03,b.example,5,6,0,0"];
  await page.locator('input[type="file"]').first().setInputFiles(csv(rows));
  const report = page.getByRole("region", { name: "Import report" });
  await expect(report).toContainText("line 3: “2026-04-31” is not a date");
  await expect(report).toContainText("line 4: processed “ten” is not a whole number");
  await expect(report.getByText("Warnings (1)")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Simulator · Bought list")).toBeVisible();
});

test("a scenario of another size and seed starts and survives a reload", async ({ page }) => {
  await page.goto("settings");
  await page.getByRole("radio", { name: /Onboarding wave/ }).check();
  await page.getByRole("combobox", { name: "Domains" }).fill("60");
  await page.getByRole("textbox", { name: "Seed" }).fill("7");
  await page.getByRole("button", { name: "Start this scenario" }).click();
  await expect(page.getByText("Simulator · Onboarding wave")).toBeVisible();
  await page.getByRole("button", { name: "Step a day" }).click();
  await expect(page.getByText("Fri 24 Jul 2026")).toBeVisible();
  // A change is written as soon as the page is idle.
  await page.evaluate(() => new Promise((idle) => requestIdleCallback(idle)));
  await page.reload();
  await expect(page.getByText("Simulator · Onboarding wave")).toBeVisible();
  await expect(page.getByText("Fri 24 Jul 2026")).toBeVisible();
});

test("the simulator is saved as a file and opened again", async ({ page }) => {
  await page.goto("settings");
  await page.getByRole("button", { name: "Step a day" }).click();
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as a file" }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe("poolkeeper-bought-list-2026-07-24.poolkeeper");
  const path = await saved.path();
  await page.getByRole("button", { name: "Reset to the scenario's beginning" }).click();
  await expect(page.getByText("Thu 23 Jul 2026")).toBeVisible();
  await page.locator('input[type="file"]').last().setInputFiles(path);
  await expect(page.getByText("Fri 24 Jul 2026")).toBeVisible();
});

test("a file that is no saved simulator is refused with a reason", async ({ page }) => {
  await page.goto("settings");
  const file = { name: "x.poolkeeper", mimeType: "application/octet-stream", buffer: Buffer.from("hello") };
  await page.locator('input[type="file"]').last().setInputFiles(file);
  await expect(page.getByRole("alert").filter({ hasText: "x.poolkeeper can't be opened" })).toBeVisible();
});

test("a stricter policy takes effect at the next check", async ({ page }) => {
  await page.goto("settings");
  await page.getByRole("combobox", { name: "Preset" }).selectOption("Mailjet policy");
  await page.getByRole("button", { name: "Use this policy" }).click();
  await expect(page.getByText("Health checks go by the new policy from the next check on")).toBeVisible();
  await page.getByRole("spinbutton", { name: "Window" }).fill("0");
  await page.getByRole("spinbutton", { name: "Window" }).blur();
  await expect(page.getByRole("alert").filter({ hasText: "window_days" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Use this policy" })).toBeDisabled();
});
