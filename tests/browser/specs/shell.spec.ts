import { message, stepADay, today, visit } from "../console";
import { expect, test } from "../fixture";

test("the request drawer shows each request and answer, its cURL line without a key, and replays reads", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await visit(page, "pools");
  await page.getByRole("button", { name: "Requests" }).click();
  const drawer = page.getByRole("dialog", { name: "Requests" });
  const exchange = drawer.getByRole("group").filter({ has: page.getByText("/v3/dynamic_pools", { exact: true }) });
  await expect(exchange).toHaveCount(1);
  await expect(exchange).toContainText("GET");
  await expect(exchange).toContainText("200");
  await expect(exchange).toContainText(/[\d.]+ ms/);
  await exchange.getByText("/v3/dynamic_pools", { exact: true }).click();
  // The contract's answer: the three lists and the pools.
  const answer = JSON.parse(await exchange.locator("pre").innerText());
  expect(Object.keys(answer).sort()).toEqual(["good_reputation", "new_senders", "pools", "poor_reputation"]);
  await exchange.getByRole("button", { name: "Copy as cURL" }).click();
  await expect(message(page, "Copied")).toBeVisible();
  const curl = await page.evaluate(() => navigator.clipboard.readText());
  expect(curl).toMatch(/^curl .*--user "?api:\$MAILGUN_API_KEY"?/s);
  expect(curl).toContain("https://api.mailgun.net/v3/dynamic_pools");
  await exchange.getByRole("button", { name: "Replay" }).click();
  await expect(exchange).toHaveCount(2);
  await drawer.getByRole("button", { name: "Clear" }).click();
  await expect(drawer.getByText("No requests yet")).toBeVisible();
});

test("the palette finds pages, actions and domains", async ({ page }) => {
  await visit(page, "domains");
  const name = await page.getByRole("grid").getByRole("link").first().innerText();
  await page.getByRole("button", { name: "Search and commands" }).click();
  const palette = page.getByRole("dialog", { name: "Search and commands" });
  const box = palette.getByRole("combobox", { name: "Page, action or domain" });
  await expect(box).toBeFocused();
  await box.fill(name.toUpperCase());
  await expect(palette.getByRole("option", { name, exact: true })).toBeVisible();
  await box.fill("theme");
  const options = palette.getByRole("option");
  await expect(options).toHaveText(["Theme: system", "Theme: light", "Theme: dark"]);
  await page.keyboard.press("ArrowUp");
  await expect(options.last()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(palette).toBeHidden();
  const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  expect(await scheme()).toBe("dark");
  await page.keyboard.press("Control+k");
  await page.keyboard.type(name);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
});

test("a dialog opens again at once, before the browser has told that it is closed", async ({ page }) => {
  await visit(page, "pools");
  const palette = page.getByRole("dialog", { name: "Search and commands" });
  await page.keyboard.press("Control+k");
  await expect(palette).toBeVisible();
  for (let round = 0; round < 12; round++) {
    // Both on their way before either is answered.
    await Promise.all([page.keyboard.press("Escape"), page.keyboard.press("Control+k")]);
    await expect(palette, `round ${round}`).toBeVisible();
  }
  await expect(palette.getByRole("combobox", { name: "Page, action or domain" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
});

test("the theme is chosen and remembered", async ({ page }) => {
  await visit(page, "./");
  const scheme = () => page.evaluate(() => getComputedStyle(document.documentElement).colorScheme);
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  expect(await scheme()).toBe("dark");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect(await scheme()).toBe("dark");
  await page.getByRole("button", { name: "Theme" }).click();
  await expect(page.getByRole("menuitemradio", { name: "Dark" })).toHaveAttribute("aria-checked", "true");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  expect(await scheme()).toBe("light");
});

test("days pass one at a time, by themselves while it plays, and not once it is paused", async ({ page }) => {
  await page.clock.install();
  await visit(page, "./");
  await expect(today(page)).toHaveText("Thu 23 Jul 2026");
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000));
  await stepADay(page);
  await expect(today(page)).toHaveText("Fri 24 Jul 2026");
  // A day at once, then one a second.
  await page.getByRole("button", { name: "Play" }).click();
  await expect(today(page)).toHaveText("Sat 25 Jul 2026");
  await page.clock.runFor(2_000);
  await expect(today(page)).toHaveText("Mon 27 Jul 2026");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.clock.runFor(10_000);
  await expect(today(page)).toHaveText("Mon 27 Jul 2026");
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible();
});

test("two tabs on the same simulator follow each other, and never corrupt it when both change it at once", async ({ page, context }) => {
  await visit(page, "./");
  await expect(today(page)).toHaveText("Thu 23 Jul 2026");
  const other = await context.newPage();
  await visit(other, page.url());
  await expect(today(other)).toHaveText("Thu 23 Jul 2026");
  await stepADay(page);
  await expect(today(other)).toHaveText("Fri 24 Jul 2026");
  await stepADay(other);
  await expect(today(page)).toHaveText("Sat 25 Jul 2026");

  // At once: who is second is shown what the first made of it, and says so.
  await Promise.all([stepADay(page), stepADay(other)]);
  for (const tab of [page, other]) await expect(tab.getByText("Saving…")).toHaveCount(0);
  const shown = async () => {
    const [one, two] = [await today(page).innerText(), await today(other).innerText()];
    return one === two ? one : "different days";
  };
  await expect.poll(shown).toMatch(/^(Sun 26|Mon 27) Jul 2026$/);
  const agreed = await shown();
  // What is kept is what both show, and goes on from there.
  const third = await context.newPage();
  await visit(third, page.url());
  await expect(today(third)).toHaveText(agreed);
  await stepADay(third);
  await expect(today(third)).not.toHaveText(agreed);
  const next = await today(third).innerText();
  await expect(today(page)).toHaveText(next);
  await expect(today(other)).toHaveText(next);
});
