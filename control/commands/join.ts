import { hostname } from "node:os";
import { defineCommand } from "../../common/cli/command.ts";
import { type OptionRow, onOff, SHARED_OPTIONS } from "../../common/cli/option.ts";
import { HOST_NAME_RULE, isHostName } from "../../common/hosts/known-hosts.ts";
import { PAIRING_LINE_RULE, parsePairingLine } from "../../common/hosts/pairing-line.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { joinHost } from "../pairing/join-host.ts";
import { HOST_FILES } from "../setup/host-files.ts";
import { INSTALLATION } from "../setup/installation.ts";
import { installedPlace, requireRoot } from "../setup/set-up.ts";
import { systemd } from "../setup/systemd.ts";

const OPTIONS = {
  name: {
    flags: "--name <name>",
    about: "name of this host on the aggregator's",
    presetText: "the first part of its host name",
    parse: (text) => (isHostName(text) ? text : undefined),
    rule: HOST_NAME_RULE,
  } satisfies OptionRow<string>,
  undo: {
    flags: "--undo",
    about: "deliver to this host's own aggregator again; the other host knows this one until bmsctl hosts revoke there",
    ...onOff,
  },
  json: SHARED_OPTIONS.json,
} satisfies Readonly<Record<string, OptionRow>>;

export const join = defineCommand({
  name: "join",
  about: `Makes the agents of this host deliver to the aggregator of another one, by the line that bmsctl pair prints there. Makes a
key for this host, registers it there and tries it; then changes ${HOST_FILES.common}, opens the network to the agents, restarts
them, and stops the aggregator and the page of this host. Readings that wait are delivered there. After a failure the same
command goes on.`,
  argument: { name: "line", about: "the line that sudo bmsctl pair prints on the aggregator's host", isOptional: true },
  options: OPTIONS,
  examples: [
    ["sudo bmsctl join bms1/192.168.1.20/8471/…", "the whole line"],
    ["sudo bmsctl join bms1/192.168.1.20/8471/… --name shed", "under another name"],
    ["sudo bmsctl join --undo", "back to this host's own aggregator"],
  ],
  read({ argument, values }) {
    if (values.undo) {
      if (argument !== "") throw new UsageError("--undo needs no line");
      return { ...values, line: undefined };
    }
    if (argument === "") throw new UsageError(`a line is missing: give ${PAIRING_LINE_RULE}`);
    const line = parsePairingLine(argument);
    if ("fault" in line) throw new UsageError(`the line ${line.fault}`);
    return { ...values, line };
  },
  async run({ line, name, json }, deps) {
    requireRoot(deps.uid, "bmsctl join");
    installedPlace(systemd);
    const place = { files: HOST_FILES, installation: INSTALLATION, systemd };
    const ownName = name ?? (line ? nameOfThisHost() : "");
    await joinHost({ line, name: ownName, json }, { ...deps, ...place });
    return 0;
  },
});

/** @throws {UsageError} if the host's own name cannot be used */
export function nameOfThisHost(name = hostname()): string {
  const [short = ""] = name.split(".");
  if (isHostName(short) && short !== "localhost") return short;
  throw new UsageError(`the name of this host (${JSON.stringify(short)}) cannot be used there: choose one with --name`);
}
