import { defineCommand } from "../../common/cli/command.ts";
import { type OptionRow, onOff, SHARED_OPTIONS, type ValueType } from "../../common/cli/option.ts";
import { DEFAULT_PORT, isHostAddress, PAIRING_PORT, parsePort } from "../../common/hosts/tcp-endpoint.ts";
import { pairHost, VALID_MS } from "../pairing/pair-host.ts";
import { HOST_FILES } from "../setup/host-files.ts";
import { installedPlace, requireRoot } from "../setup/set-up.ts";
import { systemd } from "../setup/systemd.ts";

const PORT: ValueType<number> = { parse: parsePort, rule: "a port from 1 to 65535" };

const OPTIONS = {
  hostAddress: {
    flags: "--host-address <address>",
    about:
      "name or address at which the other host reaches this one, for example a name that your router knows, or your public address with both ports forwarded",
    presetText: "the address of this host in the network of its default route",
    parse: (text) => (isHostAddress(text) ? text : undefined),
    rule: "a host's name, or an address without brackets",
  } satisfies OptionRow<string>,
  port: {
    flags: "--port <port>",
    about: "port on which the aggregator receives from other hosts",
    presetText: `that of BMS_ENDPOINT in ${HOST_FILES.aggregator}, else ${DEFAULT_PORT}`,
    ...PORT,
  } satisfies OptionRow<number>,
  pairingPort: {
    flags: "--pairing-port <port>",
    about: "port that is open while this command waits",
    preset: PAIRING_PORT,
    ...PORT,
  } satisfies OptionRow<number>,
  qr: { flags: "--qr", about: "print the command for the other host as a QR code as well", ...onOff },
  undo: {
    flags: "--undo",
    about: "close the aggregator's port: it receives from this host alone; the known hosts stay",
    ...onOff,
  },
  json: SHARED_OPTIONS.json,
} satisfies Readonly<Record<string, OptionRow>>;

export const pair = defineCommand({
  name: "pair",
  about: `Lets the agents of another host deliver to the aggregator of this one. Opens a port for it, prints a line for bmsctl join
on the other host, and waits ${VALID_MS / 60_000} minutes for that host. The line has an address of this host, the public key of its aggregator and
a code that admits one host. By default the address is that of the default route; the other host uses a name of this one
instead if it finds one that leads there.`,
  options: OPTIONS,
  examples: [
    ["sudo bmsctl pair", "prints the line and waits"],
    ["sudo bmsctl pair --host-address house.lan --qr", "by that name, and as a QR code for a phone"],
    ["sudo bmsctl pair --undo", "no other host delivers any more"],
  ],
  read: ({ values }) => values,
  async run(options, deps) {
    requireRoot(deps.uid, "bmsctl pair");
    installedPlace(systemd);
    return pairHost(options, { ...deps, files: HOST_FILES, systemd });
  },
});
