import { expect, test } from "../fixture";

test.describe("an account without pools", () => {
  test.beforeEach(async ({ page }) => {
    await page.goto("settings");
    await page.getByRole("checkbox", { name: "Start without pools and with no domain enrolled" }).check();
    await page.getByRole("button", { name: "Start this scenario" }).click();
    await expect(page.getByText("Now playing Bought list with 400 domains")).toBeVisible();
    await page.getByRole("link", { name: "Pools", exact: true }).click();
  });

  test("is set up by keyboard, one choice an IP, and then holds three pools", async ({ page }) => {
    await page.getByRole("main").getByRole("button", { name: "Set up pools" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Set up pools" });
    const free = dialog.getByRole("region", { name: "Not in a pool" });
    // Each pool needs an IP that is not warming up: three warm ones.
    const warm = await free.getByRole("listitem").filter({ hasText: /Warm\b(?!ing)/ }).locator(".ip").allTextContents();
    expect(warm.length).toBeGreaterThanOrEqual(3);
    for (const [at, pool] of ["good", "poor", "new"].entries()) {
      await dialog.getByRole("combobox", { name: `Pool for ${warm[at]}` }).selectOption(pool);
    }
    await expect(dialog.getByRole("region", { name: "What will happen" })).toContainText(`${warm[0]} joins dynamic_good`);
    await expect(dialog.getByRole("region", { name: "Request" })).toContainText("POST /v3/dynamic_pools/all");
    await dialog.getByRole("button", { name: "Set up pools" }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByRole("region", { name: /Good reputation/ })).toContainText(warm[0]);
    await expect(page.getByRole("region", { name: /New senders/ })).toContainText(warm[2]);
  });

  test("refuses a pool of warming IPs alone and says which rule", async ({ page }) => {
    await page.getByRole("main").getByRole("button", { name: "Set up pools" }).first().click();
    const dialog = page.getByRole("dialog", { name: "Set up pools" });
    const free = dialog.getByRole("region", { name: "Not in a pool" });
    const rows = free.getByRole("listitem");
    const warm = await rows.filter({ hasText: /Warm\b(?!ing)/ }).locator(".ip").allTextContents();
    const warming = await rows.filter({ hasText: /Stage/ }).locator(".ip").allTextContents();
    expect(warming.length).toBeGreaterThan(0);
    await dialog.getByRole("combobox", { name: `Pool for ${warm[0]}` }).selectOption("good");
    await dialog.getByRole("combobox", { name: `Pool for ${warm[1]}` }).selectOption("poor");
    await dialog.getByRole("combobox", { name: `Pool for ${warming[0]}` }).selectOption("new");
    const consequences = dialog.getByRole("region", { name: "What will happen" });
    await expect(consequences).toContainText("Refused");
    await expect(consequences).toContainText("R3");
    await expect(consequences).toContainText("dynamic_new");
    await expect(dialog.getByRole("button", { name: "Set up pools" })).toBeDisabled();
  });
});

test("an IP is added, moved and removed, each taken back by undo", async ({ page }) => {
  await page.goto("pools");
  const good = page.getByRole("region", { name: /Good reputation/ });
  const free = page.getByRole("region", { name: "Other IPs of the account" });
  const ip = await free
    .getByRole("listitem")
    .filter({ has: page.getByRole("button", { name: /to a pool$/ }), hasText: /Warm\b(?!ing)/ })
    .first()
    .locator(".ip")
    .innerText();
  await page.getByRole("button", { name: `Add ${ip} to a pool` }).click();
  const dialog = page.getByRole("dialog", { name: `Add ${ip} to a pool` });
  await expect(dialog.getByRole("region", { name: "Request" })).toContainText("PATCH /v3/dynamic_pools/dynamic_good");
  await dialog.getByRole("button", { name: "Add to good" }).click();
  await expect(good).toContainText(ip);

  await page.getByRole("button", { name: `Move ${ip}` }).click();
  const move = page.getByRole("dialog", { name: `Move ${ip} out of dynamic_good` });
  await move.getByText("dynamic_poor", { exact: true }).click();
  await expect(move.getByRole("region", { name: "What will happen" })).toContainText(
    `${ip} moves from dynamic_good to dynamic_poor`,
  );
  await move.getByRole("button", { name: "Move to poor" }).click();
  await expect(page.getByRole("region", { name: /Poor reputation/ })).toContainText(ip);

  await page.getByRole("button", { name: `Remove ${ip}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove 1 IP" }).click();
  await expect(free).toContainText(ip);
  await page.getByRole("button", { name: "Undo" }).last().click();
  await expect(page.getByRole("region", { name: /Poor reputation/ })).toContainText(ip);
});

test("pools that still hold domains are not removed, and the dialog says why", async ({ page }) => {
  await page.goto("pools");
  await page.getByRole("button", { name: "Remove all pools" }).click();
  const dialog = page.getByRole("dialog", { name: "Remove all pools" });
  await expect(dialog.getByRole("region", { name: "What will happen" })).toContainText("R6");
  await dialog.getByRole("textbox", { name: /to confirm/ }).fill("remove all pools");
  await expect(dialog.getByRole("button", { name: "Remove all pools" })).toBeDisabled();
});
