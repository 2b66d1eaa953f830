// Writes dist/manual: for each program a man page, and completions for bash, zsh and fish.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { SHELLS } from "./completion.ts";
import { manPage } from "./man-page.ts";
import { PROGRAMS } from "./programs.ts";

const folder = join(import.meta.dirname, "../../dist/manual");
mkdirSync(folder, { recursive: true });
for (const program of PROGRAMS) {
  const others = PROGRAMS.filter(({ name }) => name !== program.name).map(({ name }) => `${name}(1)`);
  const page = manPage(program, manifest.version, [...others, "systemctl(1)", "systemd.exec(5)"]);
  writeFileSync(join(folder, `${program.name}.1`), page);
  for (const [shell, complete] of Object.entries(SHELLS)) {
    writeFileSync(join(folder, `${program.name}.${shell}`), complete(program));
  }
}
