import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A web server run with its documented file, which differs from it in addresses and folders only. */
export type Proxy = { base: string; stop: () => Promise<void> };

const docs = (file: string) => fileURLToPath(new URL(`../../docs/hosting/${file}`, import.meta.url));
const dist = process.env.POOLKEEPER_DIST ?? fileURLToPath(new URL("../../dist", import.meta.url));

/** What the documented file is changed to; with `mayChange`, also as it says that changes are allowed. */
export type Place = { us: string; eu: string; mayChange?: boolean };

export const starts: Record<string, (place: Place) => Promise<Proxy>> = { nginx: startNginx, Caddy: startCaddy };

async function startNginx(place: Place): Promise<Proxy> {
  const port = await freePort();
  const documented = readFileSync(docs("nginx.conf"), "utf8");
  const allowing = "    # To allow changes:\n    # ";
  const server = changed(place.mayChange ? changed(documented, [[allowing, "    "]]) : documented, [
    ["listen 443 ssl default_server;\n    ssl_reject_handshake on;", `listen 127.0.0.1:${port} default_server;`],
    ["listen 443 ssl;", `listen 127.0.0.1:${port};`],
    ["server_name console.example.com;", "server_name 127.0.0.1;"],
    ["    ssl_certificate /etc/ssl/certs/console.example.com.pem;\n", ""],
    ["    ssl_certificate_key /etc/ssl/private/console.example.com.key;\n", ""],
    ["root /srv/poolkeeper;", `root ${dist};`],
    ["proxy_pass https://api.mailgun.net/;", `proxy_pass ${place.us}/;`],
    ["proxy_pass https://api.eu.mailgun.net/;", `proxy_pass ${place.eu}/;`],
  ]);
  const folder = mkdtempSync(join(tmpdir(), "poolkeeper-nginx-"));
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`);
  const user = process.getuid?.() === 0 ? "user root;" : "";
  writeFileSync(
    join(folder, "nginx.conf"),
    `${user} daemon off; pid ${folder}/pid; error_log stderr;\nevents {}\nhttp { access_log off; ${paths.join(" ")}\n${server}\n}\n`,
  );
  const program = process.env.NGINX ?? (existsSync("/usr/sbin/nginx") ? "/usr/sbin/nginx" : "nginx");
  return running(program, ["-p", folder, "-c", join(folder, "nginx.conf")], port, folder, "SIGTERM");
}

async function startCaddy(place: Place): Promise<Proxy> {
  const port = await freePort();
  const documented = readFileSync(docs("Caddyfile"), "utf8");
  const server = changed(place.mayChange ? documented.replace(/^\t\t#(?=not|\t|\})/gm, "\t\t") : documented, [
    ["console.example.com {", `http://127.0.0.1:${port} {`],
    ["root * /srv/poolkeeper", `root * ${dist}`],
    ["reverse_proxy https://api.mailgun.net {", `reverse_proxy ${place.us} {`],
    ["reverse_proxy https://api.eu.mailgun.net {", `reverse_proxy ${place.eu} {`],
  ]);
  const folder = mkdtempSync(join(tmpdir(), "poolkeeper-caddy-"));
  writeFileSync(join(folder, "Caddyfile"), `{\n\tadmin off\n\tauto_https off\n}\n${server}`);
  const args = ["run", "--adapter", "caddyfile", "--config", join(folder, "Caddyfile")];
  return running(process.env.CADDY ?? "caddy", args, port, folder, "SIGKILL");
}

/** Each text once in the documented file, so that a change of the file is not silently left out here. */
function changed(text: string, changes: [string, string][]): string {
  return changes.reduce((text, [from, to]) => {
    const parts = text.split(from);
    if (parts.length !== 2) throw new Error(`“${from}” stands ${parts.length - 1} times in the documented file`);
    return parts.join(to);
  }, text);
}

// nginx is told politely, or its workers stay; Caddy, so told, would wait for as long as a browser keeps a connection.
async function running(program: string, args: string[], port: number, folder: string, signal: NodeJS.Signals): Promise<Proxy> {
  let said = "";
  const child: ChildProcess = spawn(program, args, {
    env: {
      ...process.env,
      // nginx takes this name for its own.
      NGINX: undefined,
      HOME: folder,
      XDG_DATA_HOME: folder,
      XDG_CONFIG_HOME: folder,
      TRUNK_SKIP_VERSION_CHECK: "true",
      // Trunk reads it as true or false and refuses the customary 1.
      NO_COLOR: "true",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const failed = new Promise<never>((_, reject) => {
    child.once("error", (error) => reject(new Error(`${program}: ${error.message}; cargo xtask test brings nginx, Caddy and Trunk`)));
    child.once("exit", (code) => reject(new Error(`${program} ended with ${code}: ${said}`)));
    for (const output of [child.stdout!, child.stderr!]) {
      output.setEncoding("utf8").on("data", (text) => {
        said += text;
        // Trunk does not end when its build fails: it waits for a file to change.
        if (said.includes("error from build pipeline")) reject(new Error(`${program}: ${said}`));
      });
    }
  });
  failed.catch(() => {});
  const base = `http://127.0.0.1:${port}`;
  const answers = async () => {
    while (!(await fetch(`${base}/favicon.svg`).then((answer) => answer.ok, () => false))) await new Promise(setImmediate);
  };
  await Promise.race([answers(), failed]);
  const stop = async () => {
    child.kill(signal);
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { base, stop };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Trunk with the file of `cargo xtask run --live`, around a page of its own: the app takes minutes to build. */
export async function startTrunk(place: Place): Promise<Proxy> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "poolkeeper-trunk-"));
  const file = fileURLToPath(new URL("../../Trunk.live.toml", import.meta.url));
  const config = changed(readFileSync(file, "utf8"), [
    ['backend = "https://api.mailgun.net/"', `backend = "${place.us}/"`],
    ['backend = "https://api.eu.mailgun.net/"', `backend = "${place.eu}/"`],
  ]);
  writeFileSync(join(folder, "Trunk.toml"), config);
  // What the file's own steps read: the styles.
  for (const name of ["style", "src"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "style/tokens.css"), "");
  writeFileSync(join(folder, "favicon.svg"), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  const link = '<link data-trunk rel="copy-file" href="favicon.svg">';
  writeFileSync(join(folder, "index.html"), `<!doctype html><html><head><title>x</title>${link}</head><body></body></html>`);
  // Watched like the app, where what a build writes is left out.
  const page = join(folder, "index.html");
  const args = ["serve", "--offline", "--watch", page, "--config", join(folder, "Trunk.toml"), "--address", "127.0.0.1"];
  return running("trunk", [...args, "--port", String(port)], port, folder, "SIGTERM");
}
