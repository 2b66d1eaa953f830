import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { encodeCpio } from "./cpio.ts";
import { unpackPackages } from "./packages.ts";
import { rootFiles } from "./root.ts";

export interface Image {
  readonly kernel: string;
  /** The first file system without the project. */
  readonly root: string;
  /** What it was made of, for people. */
  readonly packages: readonly string[];
}

/**
 * The machine's kernel and root, from the cache where these sources and this Node have made them before.
 * @throws {Error} where a package cannot be had
 */
export function buildImage(cache: string, say: (line: string) => void): Image {
  const folder = join(cache, `image-${fingerprint()}`);
  if (!existsSync(folder)) {
    const startedAt = performance.now();
    say("building the machine from Debian packages");
    const work = join(cache, `build-${process.pid}`);
    try {
      const unpacked = unpackPackages(join(work, "packages"));
      const made = join(work, "image");
      mkdirSync(made);
      writeFileSync(join(made, "root.cpio"), encodeCpio(rootFiles(unpacked)));
      copyFileSync(join(unpacked.kernel, "boot", `vmlinuz-${unpacked.kernelVersion}`), join(made, "vmlinuz"));
      writeFileSync(join(made, "packages"), unpacked.packages.join("\n"));
      for (const old of readdirSync(cache).filter((name) => name.startsWith("image-"))) {
        rmSync(join(cache, old), { recursive: true });
      }
      renameSync(made, folder);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    say(`built in ${Math.round((performance.now() - startedAt) / 1000)} s`);
  }
  return {
    kernel: join(folder, "vmlinuz"),
    root: join(folder, "root.cpio"),
    packages: readFileSync(join(folder, "packages"), "utf8").split("\n"),
  };
}

/** Changes with everything on this side that goes into the image; newer packages come when the cache is removed. */
function fingerprint(): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(import.meta.dirname).sort())
    hash.update(readFileSync(join(import.meta.dirname, name)));
  const node = statSync(process.execPath);
  hash.update(`${process.version} ${node.size} ${node.mtimeMs}`);
  return hash.digest("hex").slice(0, 16);
}
