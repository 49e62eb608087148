import { startConsole } from "../console-server";
import { test } from "../fixture";
import { KEY, serve } from "../serve";

const ROUNDS = 9;

// From the request for the page, in a browser that has nothing of it: to the first view, which has the page's heading and
// navigation, and to the account's pools.
test("first view from the console server", async ({ browser }) => {
  const live = await serve("--size", "400", "--key", KEY, "--still");
  const program = await startConsole(live.base);
  const took: { first: number; pools: number }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(program.link);
    await page.waitForFunction(() => performance.getEntriesByName("first-view").length > 0);
    took.push(
      await page.evaluate(() => ({
        first: performance.getEntriesByName("first-contentful-paint")[0].startTime,
        pools: performance.getEntriesByName("first-view")[0].startTime,
      })),
    );
    await context.close();
  }
  const said = (times: number[]) => {
    const sorted = [...times].sort((a, b) => a - b);
    return `median ${sorted[ROUNDS >> 1].toFixed(0)} ms, from ${sorted[0].toFixed(0)} to ${sorted[ROUNDS - 1].toFixed(0)} ms`;
  };
  console.log(`  first view from the console server (aim: 300 ms): ${said(took.map(({ first }) => first))}`);
  console.log(`  the account's pools on the screen: ${said(took.map(({ pools }) => pools))}`);
  program.stop();
  live.stop();
});
