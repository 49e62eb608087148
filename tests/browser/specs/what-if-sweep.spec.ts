import type { Page } from "@playwright/test";
import { importCounts, csvFile, go, message, pick, resize, sideways, tabTo, visit } from "../console";
import { axeViolations, expect, test } from "../fixture";
import { DROP_CSV, WHAT_IF } from "../texts";

// Six days, no complaints. Bounces of what was sent: a 120 of 1,500 (8 %), b 300 of 2,500 (12 %), c 100 of 5,000 (2 %), d 800 of
// 4,000 (20 %, on the fifth day), e 60 of 600 on each of two days (10 %; only together above a minimum of 1,000).
const COUNTS = csvFile(
  "sweep.csv",
  "date,domain,processed,delivered,bounced,complained",
  "2026-03-01,a.example,1500,1380,120,0",
  "2026-03-01,b.example,2500,2200,300,0",
  "2026-03-01,c.example,5000,4900,100,0",
  "2026-03-02,e.example,600,540,60,0",
  "2026-03-03,e.example,600,540,60,0",
  "2026-03-05,d.example,4000,3200,800,0",
  "2026-03-06,c.example,1,1,0,0",
);

// Poor at least 5, 10 and 15 % across, a minimum of 1,000 to 3,000 up. By hand, the domains that end in poor, of all six days:
//   3,000:  1 1 1    d alone has enough mail
//   2,000:  2 2 1    b, d; at 15 % d
//   1,000:  4 3 1    a, b, d, e; at 10 % b, d, e; at 15 % d
// At 10 % and 1,000 b is poor on six days, e on four, d on two; b, c, d and e move once.
const TABLE = [["3,000", "1", "1", "1"], ["2,000", "2", "2", "1"], ["1,000", "4", "3", "1"]];

const section = (page: Page) => page.getByRole("region", { name: WHAT_IF.map });
const map = (page: Page) => section(page).getByRole("application", { name: /Domains that end in poor/ }).first();
const read = (page: Page) => section(page).getByRole("status").filter({ hasText: "·" });

async function setAxis(page: Page, name: string, from: string, to: string, unit: string) {
  const axis = section(page).getByRole("group", { name, exact: true });
  const values = [["to", to], ["from", from]] as const;
  for (const [label, value] of values) {
    const field = axis.getByRole("spinbutton", { name: `${name}: ${label}, ${unit}` });
    await field.fill(value);
    await field.press("Tab");
    await expect(field).toHaveValue(value);
  }
  const steps = axis.getByRole("spinbutton", { name: `${name}: steps` });
  await steps.fill("3");
  await steps.press("Tab");
  await pick(axis, "linear");
}

/** The small map above. */
async function openMap(page: Page) {
  await visit(page, "settings");
  await importCounts(page, DROP_CSV, COUNTS);
  await expect(message(page, /^sweep\.csv imported: 5 domains/)).toBeVisible();
  await go(page, "What-if");
  const axes = section(page).getByText(/^Across: Bounce rate/);
  await expect(axes).toBeVisible();
  if (!(await section(page).getByRole("group", { name: "Across", exact: true }).isVisible())) await axes.click();
  await section(page).getByRole("combobox", { name: "Up: threshold" }).selectOption("Minimum processed");
  await section(page).getByRole("checkbox", { name: "Keep B's ratio of good to poor" }).uncheck();
  await setAxis(page, "Across", "5", "15", "percent");
  await setAxis(page, "Up", "1000", "3000", "messages");
}

test("the map's cell of B says what the result of B says, with the account's enrollments, with and without overrides", async ({ page }) => {
  await visit(page, "what-if");
  const totals = page.getByRole("region", { name: WHAT_IF.sides });
  // Off the screen, what is skipped has no inner text.
  const underB = async (name: string) =>
    totals.getByRole("row").filter({ has: page.getByRole("rowheader", { name }) }).getByRole("cell").nth(1).textContent();
  const seen: string[] = [];
  for (const overrides of ["Kept", "Ignored"]) {
    await pick(page, overrides);
    await section(page).scrollIntoViewIfNeeded();
    const result = async () =>
      `${await underB("End in poor")} domains end in poor, ${await underB("Domain-days in poor")} domain-days in poor, ` +
      `${await underB("Moves by checks")} moves`;
    await expect(async () => {
      expect((await read(page).innerText()).replace(/^B · .*: /, "")).toBe(await result());
    }).toPass();
    seen.push(await result());
    const said = overrides === "Ignored" ? "enrollments as they were and no overrides" : "enrollments and overrides as they were";
    await expect(section(page)).toContainText(said);
  }
  // The account has an override, so the two differ.
  expect(seen[0]).not.toBe(seen[1]);
});

test("every cell counts what the rules say; a cell becomes B by key and by click; the window redraws all", async ({ page }) => {
  await openMap(page);
  await expect(read(page)).toHaveText(
    "B · bounce rate, poor at least 10 %; minimum processed 1,000 messages: 3 domains end in poor, 12 domain-days in poor, 4 moves",
  );
  await expect(section(page)).toContainText("B: 3 domains end in poor. One step of either threshold changes this.");
  await section(page).getByRole("button", { name: "View as table" }).click();
  const table = section(page).getByRole("table");
  const numbers = async () => (await table.getByRole("row").allInnerTexts()).slice(1).map((row) => row.split(/\s+/));
  await expect.poll(numbers).toEqual(TABLE);

  // By keys: up, then left; what is looked at is said, and Enter takes it.
  await map(page).focus();
  await page.keyboard.press("ArrowUp");
  await expect(read(page)).toContainText("Cell · bounce rate, poor at least 10 %; minimum processed 2,000 messages: 2 domains end in poor");
  await page.keyboard.press("ArrowLeft");
  await expect(read(page)).toContainText("poor at least 5 %; minimum processed 2,000 messages: 2 domains end in poor");
  await page.keyboard.press("End");
  await expect(read(page)).toContainText("poor at least 15 %; minimum processed 2,000 messages: 1 domain ends in poor");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await expect(section(page)).toContainText(
    "Up to 10 % (bounce rate, poor at least) the result stays the same: 2 domains end in poor. 2 of the 9 policies on this map, in one block with B, give this result.",
  );
  await page.keyboard.press("Escape");
  await expect(read(page)).toContainText("B · bounce rate, poor at least 10 %; minimum processed 2,000 messages: 2 domains end in poor");

  // By pointer: the cell in the lower left corner, under the first third of the map's own width.
  const picture = section(page).getByRole("img", { name: /Across: Bounce rate/ });
  const { width, height } = (await picture.boundingBox())!;
  await picture.click({ position: { x: width * 0.2, y: height * 0.7 } });
  await expect(section(page)).toContainText("B: 4 domains end in poor. One step of either threshold changes this.");

  // In a window of one day e never has enough mail, and with an axis on the minimum only the window can be pulled.
  const window = section(page).getByRole("slider", { name: "B's window, on the map" });
  await expect(section(page).getByRole("slider", { name: "B's minimum processed, on the map" })).toHaveCount(0);
  await window.focus();
  await page.keyboard.press("Home");
  await expect(window).toHaveAttribute("aria-valuetext", "1 day");
  await expect.poll(numbers).toEqual([TABLE[0], TABLE[1], ["1,000", "3", "2", "1"]]);
  // The comparison was off the screen and comes after: B is at 5 % and 1,000 messages, A at 10 %.
  const ends = page.getByRole("row", { name: /^End in poor/ });
  await expect(ends).not.toBeInViewport();
  await expect(ends.getByRole("cell")).toHaveText(["3", "3", "0"]);

  // At B all but c move into poor, and c into good.
  await page.keyboard.press("End");
  await section(page).getByRole("combobox", { name: "Colour by" }).selectOption("Moves");
  await expect(read(page)).toContainText("minimum processed 1,000 messages: 5 moves, 4 domains end in poor");
  await expect(page).toHaveURL(/map-z=moves/);
});

test("days held out are counted beside the others, and a map without days or without a metric says why", async ({ page }) => {
  await openMap(page);
  const hold = section(page).getByRole("checkbox", { name: "Hold out the last days" });
  await hold.check();
  // The first four days end before d's mail.
  await expect(read(page)).toHaveText(
    /to 4 Mar 2026: 2 domains end in poor, .*3 moves; held out, from 5 Mar 2026: 3 domains end in poor, .*1 move$/,
  );
  await expect(section(page)).toContainText(
    "Up to 4 Mar 2026: the fewest domains that end in poor are 0, with 5 policies in one block. After that, these give 1; B gives 3. No policy on this map gives fewer than 1 there.",
  );
  await expect(section(page).getByRole("figure")).toHaveCount(2);
  const first = section(page).getByRole("slider", { name: "First day held out" });
  await first.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(section(page).getByRole("figure").nth(1)).toContainText("Held out, from 4 Mar 2026");
  await hold.uncheck();
  await expect(section(page).getByRole("figure")).toHaveCount(1);
});

test("the map is in reach of the keyboard, breaks no rule of accessibility in either theme, and fits a narrow screen", async ({ page }) => {
  await openMap(page);
  await expect(read(page)).toContainText("3 domains end in poor");
  await section(page).getByRole("combobox", { name: "Colour by" }).focus();
  await tabTo(page, map(page));
  await section(page).getByRole("button", { name: "View as table" }).click();
  await section(page).getByRole("checkbox", { name: "Hold out the last days" }).check();
  await expect(section(page).getByRole("table")).toHaveCount(2);
  expect(await axeViolations(page)).toEqual([]);
  await resize(page, 360, 800);
  await expect(map(page)).toBeVisible();
  expect(await sideways(page)).toBe(0);
});
