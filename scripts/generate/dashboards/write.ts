// Writes dashboards/ from the description of the dashboards.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FILES } from "./files.ts";

const folder = join(import.meta.dirname, "../../../dashboards");
rmSync(folder, { recursive: true, force: true });
for (const [path, text] of FILES) {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
