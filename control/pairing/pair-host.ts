import type { CommandDeps } from "../../common/cli/command.ts";
import { addKnownHost, parseKnownHosts } from "../../common/hosts/known-hosts.ts";
import { formatPairingLine, makePairingCode } from "../../common/hosts/pairing-line.ts";
import { fingerprint } from "../../common/hosts/public-key.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import { AGGREGATOR_NETWORK } from "../setup/host-files.ts";
import { qrCode } from "../setup/qr-code.ts";
import { replaceFile, textOf } from "../setup/replace-file.ts";
import { outgoingAddress, ownNames } from "./addresses.ts";
import { openPairingListener } from "./listener.ts";
import { closeAggregator, type OpenDeps, openAggregator } from "./open-aggregator.ts";
import { createRegistrar, type Registrar } from "./registrar.ts";

export interface PairOptions {
  /** At which the other host reaches this one; by default chosen. */
  readonly hostAddress: string | undefined;
  /** Of the aggregator; by default the one that is set, else the usual one. */
  readonly port: number | undefined;
  readonly pairingPort: number;
  readonly qr: boolean;
  readonly undo: boolean;
  readonly json: boolean;
}

export type PairDeps = Omit<OpenDeps, "report"> &
  Pick<CommandDeps, "stop" | "print" | "stdout" | "progress" | "createLog">;

/** A pairing line is good for so long. */
export const VALID_MS = 600_000;
/** Time in which a host that has joined reports whether it reaches the aggregator. */
const TRIAL_MS = 60_000;

/** Opens the aggregator to other hosts and admits one. Returns the exit status. @throws {UsageError} {ServiceError} {EndpointError} */
export async function pairHost(options: PairOptions, deps: PairDeps): Promise<number> {
  const report = options.json ? () => {} : (text: string) => deps.print(`${text}\n`);
  if (options.undo) {
    await closeAggregator({ ...deps, report });
    return 0;
  }
  const { key, port } = await openAggregator(options.port, { ...deps, report });
  const exposure = await deps.systemd.exposure(AGGREGATOR_NETWORK.unit);
  if (exposure !== undefined)
    report(`exposure of ${AGGREGATOR_NETWORK.unit}, from 0 to 10, by systemd-analyze security: ${exposure}`);
  const host = options.hostAddress ?? (await outgoingAddress());
  if (host === undefined) throw new UsageError("this host has no network address: connect it, or give --host-address");
  const line = { host, port, pairingPort: options.pairingPort, publicKey: key.publicKey, code: makePairingCode() };
  const { knownHosts } = deps.files;
  const registrar = createRegistrar({
    code: line.code,
    ownKey: key.publicKey,
    addresses: ownNames(),
    knownHosts: () => parseKnownHosts(textOf(knownHosts)).hosts,
    add: (added) => void replaceFile(knownHosts, addKnownHost(textOf(knownHosts), added), 0o644),
  });
  const listener = await openPairingListener(options.pairingPort, key, registrar, deps);
  const fail = (message: string) => {
    deps.createLog("error", "bmsctl pair").error(message);
    return 1;
  };
  try {
    printLine(formatPairingLine(line), { ...options, port }, deps);
    const outcome = await listener.joined(VALID_MS);
    if (outcome !== "joined") return fail(FAILURES[outcome]);
    report(`${nameAndKey(registrar)} has joined`);
    await listener.tried(TRIAL_MS);
    const { isReached, joined } = registrar;
    const facts = { joined: joined?.name, key: joined && fingerprint(joined.publicKey), reached: isReached ?? null };
    if (options.json) deps.print(`${JSON.stringify(facts)}\n`);
    if (isReached === false)
      return fail(`it does not reach port ${port}: open it in the firewall, then give the same command there`);
    report(`it has ${isReached ? "reached" : "not reported whether it reaches"} the aggregator: sudo bmsctl hosts`);
    return 0;
  } catch (error) {
    if (error !== deps.stop.reason) throw error;
    report(`ended; the aggregator still listens at port ${port}: sudo bmsctl pair --undo closes it`);
    return 0;
  } finally {
    await listener.close();
  }
}

const FAILURES = {
  expired: "no host has joined in time: sudo bmsctl pair prints a new line",
  "wrong codes": "several wrong codes, perhaps of somebody who guesses: nobody joins by this line any more",
} as const;

function nameAndKey({ joined }: Registrar): string {
  return joined ? `${joined.name} (key ${fingerprint(joined.publicKey)})` : "nobody";
}

function printLine(
  line: string,
  { qr, json, pairingPort, port }: PairOptions,
  { clock, print, stdout, progress }: PairDeps,
): void {
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
