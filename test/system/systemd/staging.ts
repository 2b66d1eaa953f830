import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const units = join(import.meta.dirname, "../../../systemd");
/** The machine's own units, which ours name in their dependencies. */
const MACHINE_UNITS = "/usr/lib/systemd/system";

/** A root folder with the units in their installed places, for systemd-analyze. */
export interface Staging {
  readonly root: string;
  /** Adds a file of systemd/drop-ins to a unit, or a drop-in with the given lines. */
  dropIn(unit: string, from: { readonly file: string } | { readonly lines: string }): void;
  remove(): void;
}

export function stageUnits(): Staging {
  const root = mkdtempSync(join(tmpdir(), "bms-units-"));
  const installed = join(root, "usr/lib/systemd/system");
  cpSync(MACHINE_UNITS, installed, { recursive: true, verbatimSymlinks: true });
  for (const unit of [
    "bms-agent@.service",
    "bms-aggregator.service",
    "bms-viewer.service",
    "bms-viewer.socket",
    "bms-settings-watch.service",
    "bms-settings-watch.timer",
    "bms.target",
  ]) {
    cpSync(join(units, unit), join(installed, unit));
  }
  for (const program of ["usr/lib/bms/node", "usr/bin/bmsctl"]) {
    const file = join(root, program);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "#!/bin/sh\n");
    chmodSync(file, 0o755);
  }
  return {
    root,
    dropIn(unit, from) {
      const folder = join(installed, `${unit}.d`);
      mkdirSync(folder, { recursive: true });
      if ("file" in from) cpSync(join(units, "drop-ins", from.file), join(folder, from.file));
      else writeFileSync(join(folder, "lines.conf"), from.lines);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
