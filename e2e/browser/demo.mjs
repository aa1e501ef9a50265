// Starts the demo as a user would, on a free port and with data of its own,
// and a Chromium to look at it with.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const startTime = 60_000;

/** program finds the binary: ADVOCATE_BIN, or one that is built now. */
function program(dir) {
  if (process.env.ADVOCATE_BIN) return resolve(here, process.env.ADVOCATE_BIN);
  const out = join(dir, "advocate");
  execFileSync("go", ["build", "-o", out, "./cmd/advocate"], { cwd: root, stdio: "inherit", env: { ...process.env, CGO_ENABLED: "0" } });
  return out;
}

const work = mkdtempSync(join(tmpdir(), "advocate-browser-"));
const binary = program(work);
process.on("exit", () => rmSync(work, { recursive: true, force: true }));

/** start runs the program with data of its own and resolves to {url, dir, run,
 * stop} when a line matches ready, whose first group is the address. run gives
 * it another command on the same data. config is the text of a configuration,
 * store the URL of a database. */
function start(args, ready, { config = "", store } = {}) {
  const dir = mkdtempSync(join(work, "data-"));
  writeFileSync(join(dir, "advocate.yaml"), config);
  const common = ["--data", dir, "--config", join(dir, "advocate.yaml"), ...(store ? ["--store", store] : [])];
  const run = (...more) => execFileSync(binary, [...more, ...common], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim().split("\n").at(-1);
  const child = spawn(binary, [...args, ...common, "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  const ended = new Promise((done) => child.once("exit", (code, signal) => done(code ?? signal)));
  child.stderr.on("data", (b) => (said = (said + b).slice(-20_000)));
  return new Promise((done, fail) => {
    const late = setTimeout(() => { child.kill("SIGKILL"); fail(new Error("the program does not start:\n" + said)); }, startTime);
    ended.then((code) => { clearTimeout(late); fail(new Error("the program ended with " + code + ":\n" + said)); });
    createInterface({ input: child.stdout }).on("line", (line) => {
      said = (said + line + "\n").slice(-20_000);
      const open = ready.exec(line);
      if (!open) return;
      clearTimeout(late);
      done({
        url: open[1], dir, run,
        async stop() {
          child.kill("SIGTERM");
          const code = await ended;
          if (code !== 0) throw new Error("the program ended with " + code + ":\n" + said);
        },
      });
    });
  });
}

/** startDemo resolves when the demo answers; url is its sandbox page. */
export const startDemo = () => start(["demo", "--no-traffic"], /^\s*open\s+(http:\S+)/);

/** startServer resolves when a new server has printed its first link; url is
 * that link. */
export const startServer = (options) => start(["serve"], /^\s*(http:\S+\/link#\S+)/, options);

/** advocate runs a command on a server's data and gives its last line. */
export function advocate(dir, ...args) {
  return execFileSync(binary, [...args, "--data", dir], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim().split("\n").at(-1);
}

/** startBrowser launches Chromium without anything that calls home. */
export function startBrowser() {
  const known = [process.env.ADVOCATE_CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const executablePath = known.find((p) => p && existsSync(p));
  if (!executablePath) throw new Error("there is no Chromium; set ADVOCATE_CHROMIUM to its path");
  return chromium.launch({
    executablePath, headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** openPage opens a page and notes what must not happen on it. */
export async function openPage(browser, url, { width, scheme, locale = "en-GB" }) {
  const phone = width < 600;
  const context = await browser.newContext({
    viewport: { width, height: phone ? 844 : 900 }, deviceScaleFactor: phone ? 2 : 1, colorScheme: scheme, hasTouch: phone,
    locale, reducedMotion: "reduce", serviceWorkers: "block",
  });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const wrong = [];
  const host = new URL(url).host;
  page.on("request", (r) => { if (new URL(r.url()).host !== host && !r.url().startsWith("data:")) wrong.push("request to " + r.url()); });
  page.on("response", (r) => { if (r.status() >= 400) wrong.push(r.status() + " for " + r.request().method() + " " + r.url()); });
  page.on("pageerror", (e) => wrong.push("error on the page: " + e.stack));
  page.on("console", (m) => { if (m.type() === "error" || m.type() === "warning") wrong.push("console: " + m.text()); });
  const response = await page.goto(url);
  return { page, context, wrong, response };
}
