// A live side for one test: a server of its own, behind a host that breaks what it is told to break.
import { startHost, type Host } from "./fault-host";
import { KEY, serve, type Server } from "./serve";

export type LiveHost = { live: Server; host: Host };

/** Starts both. */
export async function startLiveHost(): Promise<LiveHost> {
  const live = await serve("--cors", "--size", "60", "--key", KEY, "--still");
  return { live, host: await startHost(live.base) };
}

/** Stops both. */
export async function stopLiveHost({ live, host }: LiveHost) {
  await host.stop();
  live.stop();
}
