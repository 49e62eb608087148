import { expect, test } from "../fixture";

test("history is filtered by pool and dates, and the address keeps it", async ({ page }) => {
  await page.goto("history");
  const grid = page.getByRole("grid", { name: "History" });
  await expect(grid.getByRole("row").nth(1)).toBeVisible();
  await page.getByRole("combobox", { name: "To" }).selectOption("dynamic_poor");
  await page.getByRole("combobox", { name: "From" }).selectOption("dynamic_good");
  await expect(page).toHaveURL(/from=dynamic_good/);
  const first = grid.getByRole("row").nth(1);
  await expect(first.getByRole("gridcell").nth(2)).toHaveText(/good.*poor/s);
  await page.reload();
  await expect(page.getByRole("combobox", { name: "To" })).toHaveValue("dynamic_poor");
  await expect(first.getByRole("gridcell").nth(2)).toHaveText(/good.*poor/s);
});

test("a record opens its domain at that day", async ({ page }) => {
  await page.goto("history?to=dynamic_poor");
  const row = page.getByRole("grid", { name: "History" }).getByRole("row").nth(1);
  const name = await row.getByRole("link").innerText();
  await row.getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.locator(".past-row[aria-current]")).toHaveCount(1);
});

test("filters that nothing fits say so and are cleared in one click", async ({ page }) => {
  await page.goto("history?after=2031-01-01");
  await expect(page.getByText("No record fits these filters")).toBeVisible();
  await page.getByRole("button", { name: "Clear all filters" }).click();
  await expect(page.getByRole("grid", { name: "History" }).getByRole("row").nth(1)).toBeVisible();
});

test("one domain's records by its name in any case", async ({ page }) => {
  await page.goto("history");
  const name = await page.getByRole("grid", { name: "History" }).getByRole("row").nth(1).getByRole("link").innerText();
  await page.getByRole("searchbox", { name: "Domain, whole name" }).fill(name.toUpperCase());
  await expect(page).toHaveURL(/domain=/);
  for (const link of await page.getByRole("grid", { name: "History" }).getByRole("link").all()) {
    await expect(link).toHaveText(name);
  }
});
