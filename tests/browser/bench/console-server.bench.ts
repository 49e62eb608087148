import { startConsole } from "../console-server";
import { test } from "../fixture";
import { KEY, serve } from "../serve";

const ROUNDS = 5;

// From the request for the page to its first view, drawn, with an account behind the program.
test("first view from the console server", async ({ browser }) => {
  const live = await serve("--size", "400", "--key", KEY, "--still");
  const program = await startConsole(live.base);
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(program.link);
    await page.waitForFunction(() => performance.getEntriesByName("first-view").length > 0);
    took.push(await page.evaluate(() => performance.getEntriesByName("first-view")[0].startTime));
    await context.close();
  }
  took.sort((a, b) => a - b);
  console.log(`  first view from the console server (aim: 300 ms): median ${took[2].toFixed(0)} ms, from ${took[0].toFixed(0)} to ${took[4].toFixed(0)} ms`);
  program.stop();
  live.stop();
});
