import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { writeArchive } from "./debian.ts";
import { bundlePrograms, copyProject } from "./programs.ts";

export interface InitrdContent {
  readonly memoryRoot: string;
  /** The first process of the machine. */
  readonly init: string;
  /** Folder in /opt/bms that gets the suite's own programs. */
  readonly folder: string;
  /** The suite's own programs: name → entry file. */
  readonly programs: Readonly<Record<string, string>>;
  /** Further files: path in the machine → path on the host. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Writes an initrd of Debian, and behind it the project, the suite's programs and this Node, which replace nothing of it. */
export async function makeInitrd(
  initrd: string,
  { memoryRoot, init, folder, programs, files = {} }: InitrdContent,
  log: (line: string) => void,
): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), "bms-initrd-"));
  // It becomes the root, which every user of the machine enters.
  chmodSync(work, 0o755);
  try {
    const project = join(work, "opt/bms");
    copyProject(project, log);
    await bundlePrograms(join(project, folder), programs);
    for (const [path, source] of Object.entries({ init, "usr/bin/node": process.execPath, ...files })) {
      mkdirSync(dirname(join(work, path)), { recursive: true });
      cpSync(source, join(work, path));
    }
    const archive = `${initrd}.programs`;
    writeArchive(work, archive);
    execFileSync("sh", ["-c", 'cat "$1" "$2" >"$3"', "sh", memoryRoot, archive, initrd]);
    rmSync(archive);
  } finally {
    rmSync(work, { recursive: true });
  }
}
