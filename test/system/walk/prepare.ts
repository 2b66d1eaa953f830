// Fills a folder: `debian` (a link to a fresh Debian), `packages` (what apt finds) and `share` (what an owner has downloaded).
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../machine/programs.ts";
import { freshDebian, makeRepository } from "./debian.ts";
import { makeTelegrafPackage } from "./telegraf-package.ts";

const { XDG_CACHE_HOME, TEST_TELEGRAF = "", TEST_NATS = "" } = process.env;
const [folder = ""] = process.argv.slice(2);
const cache = XDG_CACHE_HOME ? join(XDG_CACHE_HOME, "bms/walk") : join(ROOT, ".cache/walk");
const share = join(folder, "share");

mkdirSync(cache, { recursive: true });
mkdirSync(share);
const debian = freshDebian(cache, (line) => process.stderr.write(`walk: ${line}\n`));
symlinkSync(debian, join(folder, "debian"));
const script = ["--import", "tsx", join(ROOT, "scripts/package/package.ts")];
execFileSync(process.execPath, [...script, "--arch", "amd64", "--compression", "none", "--out", share], {
  cwd: ROOT,
  stdio: ["ignore", "ignore", "inherit"],
});
cpSync(TEST_NATS, join(share, "nats"));
for (const name of ["simulator.js", "lib"])
  cpSync(join(ROOT, "dist", name), join(share, "simulator", name), { recursive: true });
makeRepository(debian, join(folder, "packages"), [makeTelegrafPackage(TEST_TELEGRAF, share)]);
