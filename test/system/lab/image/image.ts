import { createHash } from "node:crypto";
import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cachedFolder } from "./cached-folder.ts";
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
  const folder = cachedFolder({
    cache,
    kind: "image",
    fingerprint: fingerprint(),
    about: "the machine from Debian packages",
    make: fillImage,
    say,
  });
  return {
    kernel: join(folder, "vmlinuz"),
    root: join(folder, "root.cpio"),
    packages: readFileSync(join(folder, "packages"), "utf8").split("\n"),
  };
}

function fillImage(folder: string): void {
  const packages = join(folder, "unpacked");
  const unpacked = unpackPackages(packages);
  writeFileSync(join(folder, "root.cpio"), encodeCpio(rootFiles(unpacked)));
  copyFileSync(join(unpacked.kernel, "boot", `vmlinuz-${unpacked.kernelVersion}`), join(folder, "vmlinuz"));
  writeFileSync(join(folder, "packages"), unpacked.packages.join("\n"));
  rmSync(packages, { recursive: true });
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
