import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { HostFiles } from "../../control/setup/host-files.ts";
import type { Installation } from "../../control/setup/installation.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const DROP_INS = join(import.meta.dirname, "../../systemd/drop-ins");

/** The files of a machine on which the package was just installed. */
export async function hostFiles(t: TestContext): Promise<HostFiles & { readonly installation: Installation }> {
  const root = await temporaryFolder(t);
  for (const folder of ["agents", "pins", "units", "drop-ins", "run"]) mkdirSync(join(root, folder));
  for (const name of ["aggregator-network.conf", "agent-network.conf"])
    copyFileSync(join(DROP_INS, name), join(root, "drop-ins", name));
  writeFileSync(join(root, "common.env"), "# for all\n#BMS_SITE=shed\nBMS_LOG_LEVEL=debug\n");
  writeFileSync(join(root, "aggregator.env"), "# for the aggregator\n");
  return {
    key: join(root, "host.key"),
    knownHosts: join(root, "hosts"),
    owners: join(root, "aggregator/meters"),
    joined: join(root, "joined"),
    common: join(root, "common.env"),
    aggregator: join(root, "aggregator.env"),
    dropIns: join(root, "drop-ins"),
    units: join(root, "units"),
    installation: { files: join(root, "agents"), pins: join(root, "pins"), runtime: join(root, "run"), state: root },
  };
}
