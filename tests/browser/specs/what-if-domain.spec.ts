import type { Page } from "@playwright/test";
import { axeViolations, expect, test } from "../fixture";
import { csv, folder, policy, poolkeeper, take, useReport } from "../lab";
import { WHAT_IF } from "../texts";

// Ten days of March. late.example bounces on the last two: its last window, 4 to 10 March, has 3,500 messages sent and 200
// bounced, 5.714 %: a Hold at 5 % and 10 %, Poor at 2 % and 5 %. edge.example has one day with exactly 5 %.
const TRAFFIC = csv(10, {
  "steady.example": () => [1_000, 990, 10, 0],
  "late.example": (day) => (day < 9 ? [500, 500, 0, 0] : [500, 400, 100, 0]),
  "edge.example": (day) => (day === 10 ? [1_000, 950, 50, 0] : undefined),
  "tiny.example": () => [10, 10, 0, 0],
});
const STRICT = { bounce: { good_at_most_ppm: 20_000, poor_at_least_ppm: 50_000, poor_min_events: 1 } };

/** The page with the traffic, A the default and B the stricter one. */
async function open(page: Page) {
  const files = folder();
  const traffic = files.write("march.csv", TRAFFIC);
  const [a, b] = [files.write("a.json", policy()), files.write("b.json", policy(STRICT))];
  poolkeeper("compare", "--csv", traffic, "--policy", a, "--against", b, "--json", files.path("ab.json"), "--quiet");
  poolkeeper("compare", "--csv", traffic, "--policy", a, "--against", a, "--json", files.path("aa.json"), "--quiet");
  await page.goto("what-if");
  await take(page, traffic);
  await useReport(page, files.path("ab.json"));
  return files;
}

const section = (page: Page) => page.getByRole("region", { name: WHAT_IF.domain });

async function lookAt(page: Page, name: string) {
  await section(page).getByRole("combobox", { name: "Domain to look at" }).fill(name);
  await section(page).getByRole("button", { name: "Look at it" }).click();
}

test("a domain shows its verdict and the ways out under each policy, recomputed when B changes", async ({ page }) => {
  const files = await open(page);
  // A part of the name is enough.
  await lookAt(page, "late");
  await expect(section(page).getByRole("heading", { name: "late.example" })).toBeVisible();
  const [a, b] = ["Under A", "Under B"].map((name) => section(page).getByRole("region", { name }));
  await expect(a).toContainText("ends in ●good");
  await expect(a).toContainText(/10 Mar 2026.* 3,500 processed messages/);
  // Wilson at 1.96 of 200 in 3,500: 5.76 % ± 0.77 %.
  await expect(a).toContainText(/200 bounces in 3,500 sent.* 4\.99 %.* 6\.53 % \(95 %\)/);
  // (200 - x) / (3,500 - x) is at most 5 % from x = 27 on.
  await expect(a).toContainText(/27 fewer bounces.* good/);
  await expect(a).toContainText("no clean days");
  await expect(a).toContainText("5.7143 % (now 5 %)");
  await expect(a.getByRole("listitem").filter({ hasText: "2 Mar 2026" })).toContainText("new");

  await expect(b).toContainText("ends in ▲poor");
  await expect(b).toContainText(/poor on 3,500 processed messages: bounce_rate in poor threshold/);
  // At most 2 % from x = 133 on.
  await expect(b).toContainText(/27 fewer bounces.* not.* poor/);
  await expect(b).toContainText(/133 fewer bounces.* good/);
  // The 16th still has the 10th in its window: 100 of 3,500 are more than 2 %.
  await expect(b).toContainText("7 clean days");
  await expect(b).toContainText("5.7143 % (now 2 %)");
  await expect(b).toContainText("Moves: 2");
  await expect(b).not.toContainText("Close call");

  await useReport(page, files.path("aa.json"));
  await expect(b).toContainText("ends in ●good");
  await expect(b).toContainText("Moves: 1");
});

test("bands and rates stand on one time axis, by keyboard and as tables", async ({ page }) => {
  await open(page);
  await lookAt(page, "LATE.example");
  const bands = section(page).getByRole("slider", { name: /^Bands under A and B/ });
  await bands.focus();
  await expect(bands).toHaveAttribute("aria-valuetext", "10 Mar 2026: A good, B poor");
  await page.keyboard.press("ArrowLeft");
  await expect(bands).toHaveAttribute("aria-valuetext", "9 Mar 2026: A good, B good");
  await page.keyboard.press("Home");
  await expect(bands).toHaveAttribute("aria-valuetext", "1 Mar 2026: A new, B new");
  const rate = section(page).getByRole("slider", { name: /^Bounce rate and thresholds/ });
  await rate.focus();
  // 100 of 3,500 on the day before.
  await page.keyboard.press("ArrowLeft");
  await expect(rate).toHaveAttribute("aria-valuetext", "9 Mar 2026: 2.86 % rate");
  for (const line of ["A: good at most 5 %", "B: good at most 2 %", "A: poor from 10 %", "B: poor from 5 %"]) {
    await expect(section(page).getByText(line, { exact: true })).toBeAttached();
  }
  await section(page).getByRole("button", { name: "View as table" }).first().click();
  const rows = section(page).getByRole("region", { name: "The chart's numbers" }).getByRole("row");
  await expect(rows.nth(1)).toHaveText("10 Mar 2026goodpoor");
  await expect(rows).toHaveCount(11);
});

test("a close call, too little mail, and a name that is not there say so", async ({ page }) => {
  await open(page);
  await lookAt(page, "edge.example");
  const a = section(page).getByRole("region", { name: "Under A" });
  // 50 of 1,000 are good at 5 %, 51 of 1,001 are not.
  await expect(a).toContainText("Close call: one event more or fewer would change this vote.");
  await expect(section(page)).toContainText("9 days without a row: they add nothing to a window.");

  await lookAt(page, "tiny.example");
  await expect(a).toContainText(/70 processed messages.* 1,000/);
  await expect(a).toContainText(/Clean days alone never make it good.* 1,000 messages/);
  await expect(a).toContainText("70 processed messages (now 1,000)");

  await lookAt(page, "nowhere");
  await expect(section(page).getByRole("alert")).toHaveText("No domain of this traffic has “nowhere” in its name.");
  await section(page).getByRole("button", { name: "Close" }).click();
  await expect(a).toBeHidden();
});

test.describe("360 px", () => {
  test.use({ viewport: { width: 360, height: 740 } });
  test("a domain under both fits and has no accessibility violation in either theme", async ({ page }) => {
    test.slow();
    await open(page);
    await lookAt(page, "late.example");
    await expect(section(page).getByRole("region", { name: "Under B" })).toBeVisible();
    const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    expect(widths[0]).toBeLessThanOrEqual(widths[1]);
    expect(await axeViolations(page)).toEqual([]);
  });
});
