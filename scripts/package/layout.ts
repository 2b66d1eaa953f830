// What the package installs, and where.
import { chmod, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

/** Source → place in the package. */
const FILES = {
  "dist/bms-agent.js": "usr/lib/bms/bms-agent.js",
  "dist/bms-aggregator.js": "usr/lib/bms/bms-aggregator.js",
  "systemd/bms-agent@.service": "usr/lib/systemd/system/bms-agent@.service",
  "systemd/bms-aggregator.service": "usr/lib/systemd/system/bms-aggregator.service",
  "systemd/bms.target": "usr/lib/systemd/system/bms.target",
  "systemd/sysusers.d/bms.conf": "usr/lib/sysusers.d/bms.conf",
  "systemd/tmpfiles.d/bms.conf": "usr/lib/tmpfiles.d/bms.conf",
  "systemd/env/common.env": "etc/bms/common.env",
  "systemd/env/aggregator.env": "etc/bms/aggregator.env",
  "systemd/env/agent.env.example": "usr/share/bms/agent.env.example",
  "systemd/drop-ins": "usr/share/bms/drop-ins",
  "telegraf/battery.conf": "usr/share/bms/telegraf/battery.conf",
  "telegraf/battpack.conf": "usr/share/bms/telegraf/battpack.conf",
  "telegraf/telegraf.service.d/bms.conf": "usr/lib/systemd/system/telegraf.service.d/bms.conf",
  "dist/manual/bms-agent.bash": "usr/share/bash-completion/completions/bms-agent",
  "dist/manual/bms-aggregator.bash": "usr/share/bash-completion/completions/bms-aggregator",
  "dist/THIRD-PARTY-NOTICES.txt": "usr/share/doc/bms/THIRD-PARTY-NOTICES.txt",
  LICENSE: "usr/share/doc/bms/copyright",
  "README.md": "usr/share/doc/bms/README.md",
};
const COMPRESSED = {
  "CHANGELOG.md": "usr/share/doc/bms/changelog.gz",
  "dist/manual/bms-agent.1": "usr/share/man/man1/bms-agent.1.gz",
  "dist/manual/bms-aggregator.1": "usr/share/man/man1/bms-aggregator.1.gz",
};

/** Files that the administrator may change: an upgrade asks before it touches them. */
export const CONFFILES = ["/etc/bms/common.env", "/etc/bms/aggregator.env"];

export const PROGRAMS = ["bms-agent", "bms-aggregator"];

/** Fills `stage` with everything that is the same on every architecture. */
export async function layOut(root: string, stage: string): Promise<void> {
  for (const [from, to] of Object.entries(FILES)) {
    await mkdir(dirname(join(stage, to)), { recursive: true });
    await cp(join(root, from), join(stage, to), { recursive: true });
  }
  for (const [from, to] of Object.entries(COMPRESSED)) {
    await mkdir(dirname(join(stage, to)), { recursive: true });
    await writeFile(join(stage, to), gzipSync(await readFile(join(root, from)), { level: 9 }));
  }
  await mkdir(join(stage, "etc/bms/agents"), { recursive: true });
  // Without this Node would take the bundles for CommonJS.
  await writeFile(join(stage, "usr/lib/bms/package.json"), '{ "type": "module" }\n');
  await mkdir(join(stage, "usr/bin"), { recursive: true });
  for (const name of PROGRAMS) {
    const command = join(stage, "usr/bin", name);
    await writeFile(command, `#!/bin/sh\nexec /usr/lib/bms/node /usr/lib/bms/${name}.js "$@"\n`);
    await chmod(command, 0o755);
  }
}
