// A PostgreSQL database for a test: on ADVOCATE_TEST_POSTGRES where that is
// set, else on a server of its own, which is removed afterwards.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const given = process.env.ADVOCATE_TEST_POSTGRES;

const said = (file, ...args) => {
  try { return execFileSync(file, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim(); } catch { return ""; }
};

/** programs is the folder of initdb and its like, or "". */
function programs() {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => b - a) : [];
  const folders = [said("pg_config", "--bindir"), ...versions.map((v) => join(debian, v, "bin")),
    "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql/bin", "/usr/local/opt/postgresql/bin"];
  return folders.find((d) => d && existsSync(join(d, "initdb")) && existsSync(join(d, "postgres"))) ?? "";
}

/**
 * missing says why there is no PostgreSQL to test with, or is undefined. Where
 * everything is to be tested (ADVOCATE_TEST_ALL, as "make test" sets it) that
 * is a failure, and no reason to leave a test out.
 */
export function missing() {
  if (given || programs()) return undefined;
  const why = "there is no PostgreSQL: run \"sh scripts/postgres.sh\", or set ADVOCATE_TEST_POSTGRES to the URL of a server on which databases may be created";
  if (process.env.ADVOCATE_TEST_ALL || process.env.CI) throw new Error(why);
  return why;
}

/** database resolves to {url, stop} of an empty one. */
export async function database() {
  return given ? onGiven() : onOwn();
}

function onGiven() {
  const name = "advocate_browser_" + randomBytes(6).toString("hex");
  const url = new URL(given);
  const psql = (sql) => execFileSync(join(programs(), "psql"), ["-q", "-X", "-v", "ON_ERROR_STOP=1", "-c", sql, given], { stdio: ["ignore", "ignore", "inherit"] });
  psql(`CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`);
  url.pathname = "/" + name;
  return { url: url.href, stop: () => psql(`DROP DATABASE ${name} WITH (FORCE)`) };
}

function onOwn() {
  const bin = programs();
  const dir = mkdtempSync(join(tmpdir(), "advocate-browser-pg-"));
  const who = {}; // PostgreSQL cannot be run by root
  if (process.getuid() === 0) {
    const name = ["postgres", "nobody"].find((u) => said("id", "-u", u));
    if (!name) throw new Error("PostgreSQL cannot be run by root, and there is neither a user \"postgres\" nor \"nobody\"");
    Object.assign(who, { uid: Number(said("id", "-u", name)), gid: Number(said("id", "-g", name)) });
    chownSync(dir, who.uid, who.gid);
  }
  chmodSync(dir, 0o755);
  const data = join(dir, "data");
  const run = (program, ...args) => execFileSync(join(bin, program), args, { ...who, cwd: dir, stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, LC_ALL: "C" } });
  run("initdb", "-D", data, "-U", "advocate", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
  appendFileSync(join(data, "postgresql.conf"), `\nlisten_addresses = ''\nunix_socket_directories = '${dir}'\nunix_socket_permissions = 0777\nfsync = off\n`);
  run("pg_ctl", "-D", data, "-l", join(dir, "log"), "-w", "start");
  return {
    url: `postgres:///postgres?host=${encodeURIComponent(dir)}&user=advocate&sslmode=disable`,
    stop() {
      run("pg_ctl", "-D", data, "-m", "immediate", "stop");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
