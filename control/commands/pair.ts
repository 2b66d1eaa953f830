import { type CommandDeps, defineCommand } from "../../common/cli/command.ts";
import { type OptionRow, onOff, SHARED_OPTIONS, type ValuesOf, type ValueType } from "../../common/cli/option.ts";
import { addKnownHost, parseKnownHosts } from "../../common/hosts/known-hosts.ts";
import { formatPairingLine, makePairingCode } from "../../common/hosts/pairing-line.ts";
import { fingerprint } from "../../common/hosts/public-key.ts";
import { DEFAULT_PORT, isHostAddress, PAIRING_PORT, parsePort } from "../../common/hosts/tcp-endpoint.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { outgoingAddress, ownNames } from "../pairing/addresses.ts";
import { openPairingListener } from "../pairing/listener.ts";
import { closeAggregator, openAggregator } from "../pairing/open-aggregator.ts";
import { createRegistrar } from "../pairing/registrar.ts";
import { AGGREGATOR_NETWORK, HOST_FILES } from "../setup/host-files.ts";
import { qrCode } from "../setup/qr-code.ts";
import { replaceFile, textOf } from "../setup/replace-file.ts";
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

type PairOptions = ValuesOf<typeof OPTIONS>;

/** A pairing line is good for so long. */
const VALID_MS = 600_000;
/** Time in which a host that has joined reports whether it reaches the aggregator. */
const TRIAL_MS = 60_000;

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
    const report = options.json ? () => {} : (text: string) => deps.print(`${text}\n`);
    const open = { files: HOST_FILES, systemd, clock: deps.clock, report };
    if (options.undo) {
      await closeAggregator(open);
      return 0;
    }
    const { key, port } = await openAggregator(options.port, open);
    await reportExposure(report);
    const host = options.hostAddress ?? (await outgoingAddress());
    if (host === undefined)
      throw new UsageError("this host has no network address: connect it, or give --host-address");
    const line = { host, port, pairingPort: options.pairingPort, publicKey: key.publicKey, code: makePairingCode() };
    const registrar = createRegistrar({
      code: line.code,
      ownKey: key.publicKey,
      addresses: ownNames(),
      knownHosts: () => parseKnownHosts(textOf(HOST_FILES.knownHosts)).hosts,
      add: (added) =>
        void replaceFile(HOST_FILES.knownHosts, addKnownHost(textOf(HOST_FILES.knownHosts), added), 0o644),
    });
    const listener = await openPairingListener(options.pairingPort, key, registrar, deps);
    try {
      printLine(formatPairingLine(line), { ...options, port }, deps);
      const outcome = await listener.joined(VALID_MS);
      if (outcome !== "joined" || !registrar.joined) return fail(FAILURES[outcome], deps);
      const { name, publicKey } = registrar.joined;
      report(`${name} has joined (key ${fingerprint(publicKey)})`);
      await listener.tried(TRIAL_MS);
      const { isReached } = registrar;
      const facts = { joined: name, key: fingerprint(publicKey), reached: isReached ?? null };
      if (options.json) deps.print(`${JSON.stringify(facts)}\n`);
      if (isReached === false)
        return fail(
          `${name} does not reach port ${port}: open it in the firewall, then give the same command there`,
          deps,
        );
      report(
        isReached
          ? `${name} has reached the aggregator; bmsctl hosts shows what it delivers`
          : `${name} has not reported whether it reaches the aggregator: bmsctl hosts shows it`,
      );
      return 0;
    } catch (error) {
      if (error !== deps.stop.reason) throw error;
      report(`ended; the aggregator still listens at port ${port}: sudo bmsctl pair --undo closes it`);
      return 0;
    } finally {
      listener.close();
    }
  },
});

const FAILURES = {
  expired: "no host has joined in time: sudo bmsctl pair prints a new line",
  "wrong codes": "several wrong codes, perhaps of somebody who guesses: nobody joins by this line any more",
  joined: "",
} as const;

function fail(message: string, { createLog }: CommandDeps): number {
  createLog("error", "bmsctl pair").error(message);
  return 1;
}

async function reportExposure(report: (text: string) => void): Promise<void> {
  const exposure = await systemd.exposure(AGGREGATOR_NETWORK.unit);
  if (exposure !== undefined)
    report(`exposure of ${AGGREGATOR_NETWORK.unit}, from 0 to 10, by systemd-analyze security: ${exposure}`);
}

function printLine(line: string, { qr, json, pairingPort, port }: PairOptions, deps: CommandDeps): void {
  const { clock, print, stdout, progress } = deps;
  const expires = new Date(clock.now() + VALID_MS);
  if (json) {
    print(`${JSON.stringify({ line, expires: expires.toISOString() })}\n`);
    return;
  }
  const command = `sudo bmsctl join ${line}`;
  print(`\nOn the other host, where the package bms is installed as well:\n\n  ${command}\n\n`);
  if (qr) stdout.write(qrCode(command));
  print(
    `It admits one host, until ${expires.toTimeString().slice(0, 5)}. A firewall must let TCP ports ${port} and ${pairingPort} through. Ctrl-C ends the waiting.\n`,
  );
  progress("waiting for a host to join …");
}
