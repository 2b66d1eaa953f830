import { defineCommand } from "../../../common/cli/command.ts";
import { type Environment, SHARED_OPTIONS } from "../../../common/cli/option.ts";
import { parseAddress } from "../../../common/model/address.ts";
import { isMeter } from "../../../common/model/meter-name.ts";
import type { Reading } from "../../../common/model/reading.ts";
import { abortedAfter, orAborted } from "../../../common/runtime/abort.ts";
import { bootId } from "../../../common/runtime/boot-id.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import { randomName } from "../../../common/runtime/random-name.ts";
import { factoryModeMarker, settingsDirectory } from "../../../common/runtime/settings-directory.ts";
import { openStatusFile } from "../../../common/runtime/status-file.ts";
import { UsageError } from "../../../common/runtime/usage-error.ts";
import { connectNotify } from "../../../common/systemd/notify.ts";
import { defaultEndpoint } from "../../../common/wire/endpoint.ts";
import { isContainer } from "../../clock/clock-evidence.ts";
import { MAX_WAIT_MS } from "../../clock/clock-state.ts";
import { machineClockEvidence } from "../../clock/machine-clock.ts";
import { createTimekeeper } from "../../clock/timekeeper.ts";
import { NETWORK_BOUNDS } from "../../outbox/bounds.ts";
import { type OutboxDeps, openOutbox } from "../../outbox/outbox.ts";
import type { SpoolOptions, SpoolWhen } from "../../outbox/spool-policy.ts";
import { lastingDirectory, openTiers } from "../../outbox/tiers.ts";
import { connectAggregator } from "../../outbox/zeromq-client.ts";
import { type AgentDeps, runAgent } from "../../polling/agent.ts";
import { leaveMarkedMode } from "../../polling/factory-mode.ts";
import { createAgentStatus } from "../../status/agent-status.ts";
import { closingLine } from "../../status/closing-line.ts";
import { agentStatusTable } from "../../status/status-table.ts";
import { createSystemdStatus } from "../../status/systemd-status.ts";
import { DEVICE_OPTIONS, type DeviceOptions, readDeviceOptions } from "../device-options.ts";
import { type KeyOptions, readKeyOptions, readKeys } from "../link-keys.ts";
import { openDevice } from "../open-device.ts";
import { AGENT_OPTIONS } from "../options.ts";
import { quantityTable } from "../quantity-table.ts";

export interface RunOptions extends DeviceOptions {
  readonly periodMs: number;
  readonly meter: string;
  readonly site?: string;
  /** Undefined for the default that both programs compute. */
  readonly endpoint: string | undefined;
  readonly keys: KeyOptions | undefined;
  readonly once: boolean;
  /** Undefined to keep readings in memory only. */
  readonly spool: SpoolOptions | undefined;
}

/** How long stopping waits for the poll in progress. */
const POLL_GRACE_MS = 1_000;
/** How long stopping waits for the aggregator to accept what is left. */
const GRACE_MS = 2_000;
/** The same for --once if there is an aggregator: its outputs may still be connecting. */
const ONCE_GRACE_MS = 10_000;

const { address, ...deviceOptions } = DEVICE_OPTIONS;
const { interval, meter, endpoint, aggregatorKey, spool, spoolWhen, once } = AGENT_OPTIONS;

export const run = defineCommand({
  name: "",
  about: `Polls one battery monitor over Bluetooth LE and delivers its readings to bms-aggregator.
One agent reads one device; start one for each device.`,
  options: {
    address,
    interval,
    meter,
    site: SHARED_OPTIONS.site,
    ...deviceOptions,
    endpoint,
    hostKey: SHARED_OPTIONS.hostKey,
    aggregatorKey,
    spool,
    spoolWhen,
    once,
  },
  examples: [
    ["bms-agent -b A4:C1:37:00:00:01 -i 10 -m bms", "poll every 10 s, store as meter bms"],
    ["bms-agent -b A4:C1:37:00:00:01 --once", "poll once, print and deliver the reading, exit"],
    ["bms-agent -b A4:C1:37:00:00:01 --pin-file /etc/bms/pin", "a device with a password"],
    ["bms-agent -b A4:C1:37:00:00:01 --spool ~/bms", "keep undelivered readings on disk"],
    ["bms-agent -b A4:C1:37:00:00:01 --capture trouble.jsonl", "record for a bug report"],
    ["BMS_ADDRESS=A4:C1:37:00:00:01 BMS_METER=bms bms-agent", "as a service sets it"],
  ],
  read({ values, env }): RunOptions {
    const device = readDeviceOptions({ values, env });
    const { interval, meter = defaultMeter(device, env), endpoint, once, site } = values;
    return {
      ...device,
      periodMs: interval * 1000,
      meter,
      ...(site !== undefined && { site }),
      endpoint,
      keys: readKeyOptions(values, env),
      once,
      spool: readSpoolOptions(values, env),
    };
  },
  async run(options, { env, uid, clock, random, stop, onStatusRequest, onFatal, createLog, print, terminal }) {
    const { meter, site, periodMs, once } = options;
    const log = createLog(options.logLevel, meter);
    const notify = await connectNotify(env, stop, { clock, log });
    const endpoint = options.endpoint ?? defaultEndpoint(env, uid);
    const keys = options.keys && readKeys(options.keys);
    const { radio, target, release } = await openDevice(options, { clock, log });
    const runName = randomName(random);
    const runtimeDirectory = env.RUNTIME_DIRECTORY;
    const tierOptions = { runtimeDirectory, spool: options.spool };
    const tiers = await openTiers(tierOptions, { clock, log });
    const outboxDeps: OutboxDeps = {
      connect: (events) => connectAggregator(endpoint, events, { clock, uid, ...(keys && { keys }) }),
      clock,
      log,
      tiers,
      ...(options.spool && { when: options.spool.when }),
      // A boot without an identity is like no other.
      bootId: bootId(env) ?? runName,
    };
    const outbox = openOutbox(outboxDeps, keys && NETWORK_BOUNDS);
    const timekeeper = createTimekeeper(
      { maxWaitMs: isClockOfOthers(options, env) ? 0 : MAX_WAIT_MS },
      { clock, readEvidence: () => machineClockEvidence(clock, env), outbox, log },
    );
    const { backlog: found, dropped } = outbox;
    let taken = 0;
    const plan = { ...target, periodMs, meter, ...(site !== undefined && { site }), run: runName, once };
    stop.addEventListener("abort", outbox.flush, { once: true });
    onFatal(outbox.flush);
    notify.ready();
    const status = createAgentStatus(plan, { outbox, timekeeper, clock });
    const statusFile = openStatusFile(runtimeDirectory, status.current, { clock, log });
    statusFile.update();
    const reportToSystemd = createSystemdStatus(plan, { status: status.current, notify, clock });
    onStatusRequest(() => agentStatusTable({ ...options, run: runName, endpoint, outbox, status: status.current() }));
    const marker = factoryModeMarker(settingsDirectory(env), target.address);
    const deps: AgentDeps = {
      radio,
      clock,
      timekeeper,
      random,
      log,
      onConnect: (connection) => leaveMarkedMode(connection, marker, log),
      onPoll(poll) {
        status.onPoll(poll);
        reportToSystemd(poll);
        statusFile.update();
      },
      onReading(reading, uptimeMs) {
        taken += 1;
        outbox.put(reading, uptimeMs);
        if (once && reading.sample.online === 1) print(terminal() ? quantityTable(reading.sample) : onceLine(reading));
        status.onReading(reading);
        statusFile.update();
      },
      outbox,
    };
    const ended = new AbortController();
    void timekeeper.watch(AbortSignal.any([stop, ended.signal]));
    const running = runAgent(plan, deps, stop);
    const answered = await untilStopped(running, stop, clock);
    ended.abort();
    // In a spool readings wait for the next agent, which may know the time.
    if (once || !options.spool) timekeeper.giveUpWaiting();
    const { isConnected } = outbox;
    const graceMs = once && isConnected ? ONCE_GRACE_MS : GRACE_MS;
    const [{ unaccepted, lost }] = await Promise.all([outbox.close(graceMs), release()]);
    const delivered = found + taken - (outbox.dropped - dropped) - unaccepted;
    const account = { taken, delivered, unaccepted, lost, isConnected, endpoint, spool: lastingDirectory(tierOptions) };
    const { level, message } = closingLine(account);
    log[level](message);
    statusFile.close();
    return once && !stop.aborted && !(answered && unaccepted === 0) ? 1 : 0;
  },
});

/** A container cannot set its clock, and the time of simulated batteries does not matter. */
function isClockOfOthers({ radio }: RunOptions, env: Environment): boolean {
  return radio.kind === "simulated" || isContainer(env);
}

/** The reading as a program reads it. */
function onceLine({ meter, site, device, driver, takenAt, sample }: Reading): string {
  return `${JSON.stringify({ meter, site, address: device, driver, at: takenAt, sample })}\n`;
}

/** The result of the agent; false if it is stopped during a poll that takes longer than the grace time. */
async function untilStopped(running: Promise<boolean>, stop: AbortSignal, clock: Clock): Promise<boolean> {
  const late = abortedAfter(stop, POLL_GRACE_MS, clock);
  try {
    return await orAborted(late.signal, running);
  } catch (error) {
    if (late.signal.aborted) return false;
    throw error;
  } finally {
    late.release();
  }
}

/** The name of the service, unless that is an address. */
function defaultMeter({ address }: DeviceOptions, { BMS_INSTANCE: instance = "" }: Environment): string {
  return isMeter(instance) && !parseAddress(instance) ? instance : address;
}

/** Stands for `--spool-when always` in place of a directory. A directory of that name is `./always`. */
const ALWAYS = "always";

interface SpoolValues {
  readonly spool: string | undefined;
  readonly spoolWhen: SpoolWhen | undefined;
}

/** Undefined keeps readings in memory only. @throws {UsageError} if the directory is missing */
function readSpoolOptions({ spool, spoolWhen }: SpoolValues, env: Environment): SpoolOptions | undefined {
  const when = spool === ALWAYS ? ALWAYS : spoolWhen;
  const folder = spool === undefined || spool === ALWAYS ? env.STATE_DIRECTORY : spool;
  if (folder) return { folder, when: when ?? "away" };
  if (when !== ALWAYS) return undefined;
  throw new UsageError(
    "no directory to spool to: give --spool /var/lib/bms/solar --spool-when always, with a directory for this agent alone",
  );
}
