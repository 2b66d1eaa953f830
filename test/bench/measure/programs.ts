// Finds or installs the programs that the benchmarks start, in .cache/bench.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { NODE_ARCHITECTURE } from "../../../scripts/package/native-modules.ts";
import { fetchNode } from "../../../scripts/package/node.ts";
import type { Available, Programs } from "../question.ts";

const root = join(import.meta.dirname, "../../..");
const cache = join(root, ".cache/bench");

/** Exact, so that two runs compare the same. */
const PEER_PACKAGES = ["aiobmsble==0.31.0", "bleak==3.1.0", "dbus-fast==5.2.0"];
/** aiobmsble needs this one. */
const OLDEST_PYTHON = [3, 12] as const;

export async function findPrograms(): Promise<Programs> {
  mkdirSync(cache, { recursive: true });
  return { node: await shippedNode(), peer: peer(), telegraf: telegraf() };
}

/** Node 24 as the Debian package ships it, whatever Node runs the benchmarks. */
async function shippedNode(): Promise<string> {
  const architecture = Object.entries(NODE_ARCHITECTURE).find(([, node]) => node === process.arch)?.[0];
  if (architecture !== "amd64" && architecture !== "arm64") return process.execPath;
  return join(await fetchNode(architecture), "bin/node");
}

function peer(): Available {
  const folder = join(cache, `peer-${PEER_PACKAGES.join("-").replaceAll("==", "-")}`);
  const path = join(folder, "bin/python");
  if (existsSync(path)) return { path };
  const python = newPython();
  if (!python) return { missing: `aiobmsble: no Python ${OLDEST_PYTHON.join(".")} or newer on PATH or below ~/.pyenv` };
  try {
    execFileSync(python, ["-m", "venv", folder], { stdio: "pipe" });
    execFileSync(path, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...PEER_PACKAGES], {
      stdio: "pipe",
    });
    return { path };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return { missing: `aiobmsble: ${lastLine(error)}` };
  }
}

/** The newest Python on PATH or of pyenv that is new enough. */
function newPython(): string | undefined {
  const pyenv = join(process.env.PYENV_ROOT ?? join(process.env.HOME ?? "", ".pyenv"), "versions");
  const versions = existsSync(pyenv) ? readdirSync(pyenv).map((name) => join(pyenv, name, "bin/python3")) : [];
  const [oldestMajor, oldestMinor] = OLDEST_PYTHON;
  const minors = Array.from({ length: 5 }, (_, i) => `python${oldestMajor}.${oldestMinor + i}`);
  return [...minors, "python3", ...versions].find((program) => {
    const [major = 0, minor = 0] = versionOf(program);
    return major === oldestMajor && minor >= oldestMinor;
  });
}

function versionOf(python: string): readonly number[] {
  try {
    const text = execFileSync(python, ["-c", "import sys, venv; print(*sys.version_info[:2])"], { stdio: "pipe" });
    return String(text).split(" ").map(Number);
  } catch {
    return [];
  }
}

function telegraf(): Available {
  try {
    const path = execFileSync(join(root, "test/system/telegraf/telegraf-binary"), { stdio: "pipe" });
    return { path: String(path).trim() };
  } catch (error) {
    return { missing: lastLine(error) };
  }
}

/** Translates a baseline to JavaScript, so that Node's translator of types is not measured with it. Returns its path. */
export function buildBaseline(name: string): string {
  const source = readFileSync(join(import.meta.dirname, "../baselines", `${name}.ts`), "utf8");
  const path = join(cache, `${name}.mjs`);
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, transformSync(source, { loader: "ts", format: "esm", target: "node20" }).code);
  renameSync(temporary, path);
  return path;
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: Buffer };
  return (
    String(stderr ?? "")
      .trim()
      .split("\n")
      .at(-1) || message
  );
}
