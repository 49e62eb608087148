import type { BrowserContext, Page } from "@playwright/test";
import { stepADay, today, visit } from "../console";
import { expect, test } from "../fixture";

/** How many values the simulator's record has, seen from any page of the host; 0 before there is one. */
const stored = (page: Page) =>
  page.evaluate(async () => {
    if (!(await indexedDB.databases()).some(({ name }) => name === "poolkeeper")) return 0;
    const database: IDBDatabase = await new Promise((resolve, reject) => {
      const request = indexedDB.open("poolkeeper");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const count: number = await new Promise((resolve) => {
      const request = database.transaction("record").objectStore("record").count();
      request.onsuccess = () => resolve(request.result);
    });
    database.close();
    return count;
  });

declare global {
  interface Window {
    isLetGo?: boolean;
  }
}

/** Holds the record, as a slow disk would: whoever writes waits until it is let go. */
const hold = (page: Page) =>
  page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const request = indexedDB.open("poolkeeper");
        request.onsuccess = () => {
          const transaction = request.result.transaction("record", "readwrite");
          transaction.oncomplete = () => request.result.close();
          const go = () => {
            resolve();
            if (!window.isLetGo) transaction.objectStore("record").count().onsuccess = go;
          };
          transaction.objectStore("record").count().onsuccess = go;
        };
      }),
  );
const letGo = (page: Page) => page.evaluate(() => void (window.isLetGo = true));

/** Opens a simulator that is stored, and another page of the host that can look at what is. */
async function openStored(page: Page, context: BrowserContext) {
  await visit(page, "settings");
  const other = await context.newPage();
  await other.goto("favicon.svg");
  await expect.poll(() => stored(other)).toBeGreaterThan(0);
  // The date is shown once what is stored is there, and what keeps it.
  await page.reload();
  await expect(today(page)).toHaveText("Thu 23 Jul 2026");
  return other;
}

test("leaving before a change is stored is asked about, and by staying nothing is lost", async ({ page, context }) => {
  const other = await openStored(page, context);
  const asked: string[] = [];
  page.on("dialog", async (dialog) => {
    asked.push(dialog.type());
    await dialog.dismiss();
  });

  await hold(other);
  await stepADay(page);
  await expect(today(page)).toHaveText("Fri 24 Jul 2026");
  await expect(page.getByText("Saving…")).toBeVisible();
  await page.evaluate(() => void setTimeout(() => location.reload()));
  await expect.poll(() => asked).toEqual(["beforeunload"]);
  await expect(today(page)).toHaveText("Fri 24 Jul 2026");
  await letGo(other);
  await expect(page.getByText("Saving…")).toHaveCount(0);

  // Stored, it is left without a question, and there again.
  await page.reload();
  await expect(today(page)).toHaveText("Fri 24 Jul 2026");
  expect(asked).toEqual(["beforeunload"]);
});

test("another simulator in place of this one is stored like that too", async ({ page, context }) => {
  const other = await openStored(page, context);
  await stepADay(page);
  await hold(other);
  await page.getByRole("button", { name: "Reset to the scenario's start" }).click();
  await expect(page.getByText("Saving…")).toBeVisible();
  await letGo(other);
  await expect(page.getByText("Saving…")).toHaveCount(0);
  await page.reload();
  await expect(today(page)).toHaveText("Thu 23 Jul 2026");
});

test("no day passes before what was kept is there", async ({ page, context }) => {
  const other = await openStored(page, context);
  await stepADay(page);
  await expect(today(page)).toHaveText("Fri 24 Jul 2026");
  await expect(page.getByText("Saving…")).toHaveCount(0);

  await hold(other);
  await page.reload();
  await expect(page.getByRole("status", { name: "Loading" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Step a day" })).toHaveCount(0);
  await letGo(other);
  await stepADay(page);
  await expect(today(page)).toHaveText("Sat 25 Jul 2026");
});

test("a write that the browser aborts is said, done again, and nothing is lost", async ({ page, context }) => {
  await page.clock.install();
  await openStored(page, context);
  // A change is several writes in one transaction: each of them fails with it.
  await page.evaluate(() => {
    const { commit } = IDBTransaction.prototype;
    let isLeft = true;
    IDBTransaction.prototype.commit = function () {
      if (!isLeft) return commit.call(this);
      isLeft = false;
      this.abort();
    };
  });
  await stepADay(page);
  await expect(page.getByText(/Changes are not being saved: .+ Retrying\./)).toBeVisible();
  await expect(async () => {
    await page.clock.fastForward(60_000);
    await expect(page.getByText("Changes are saved again")).toBeVisible({ timeout: 500 });
  }).toPass();
  await page.reload();
  await expect(today(page)).toHaveText("Fri 24 Jul 2026");
});

test("storage that never answers is said after some seconds, and the page works without it", async ({ page }) => {
  await page.clock.install();
  await page.addInitScript(() => {
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = function (...args) {
      const request = open.apply(this, args);
      for (const event of ["success", "error", "upgradeneeded"]) {
        request.addEventListener(event, (event) => event.stopImmediatePropagation());
      }
      return request;
    };
  });
  await visit(page, "./");
  await expect(async () => {
    await page.clock.fastForward(120_000);
    await expect(page.getByText(/The simulator is lost when this tab is closed: .*did not answer within 10 s/)).toBeVisible({ timeout: 500 });
  }).toPass();
  await stepADay(page);
  await expect(today(page)).toHaveText("Fri 24 Jul 2026");
});
