/**
 * The status of a program as data: the content of `status.json` in its runtime directory. All times are milliseconds since
 * the Unix epoch; all counts begin with the program. Readers ignore keys that they do not know.
 */
import { isQuantity } from "./quantities.ts";
import type { Sample } from "./reading.ts";

/** Changes when a reader of the older version would misunderstand the newer one. */
export const STATUS_VERSION = 1;

/**
 * How far the wall clock of an agent is to be trusted. `confirmed`: a time service or a real-time clock has set it.
 * `waiting`: the machine has just booted, and readings are held until the clock is set. `unconfirmed`: nothing has confirmed
 * it, readings carry its time. `impossible`: it shows a time outside 2020 to 2099, and readings are held.
 */
export const CLOCK_STATES = ["confirmed", "waiting", "unconfirmed", "impossible"] as const;
export type ClockState = (typeof CLOCK_STATES)[number];

export interface AgentStatus {
  readonly version: typeof STATUS_VERSION;
  readonly program: "bms-agent";
  /** When this was written. */
  readonly at: number;
  /** The operator's name for the device. */
  readonly meter: string;
  /** The operator's name for its place. */
  readonly site?: string;
  readonly address: string;
  /** Absent until the first connection. */
  readonly driver?: string;
  /** `away`: there is no connection, and the last attempt failed. */
  readonly state: "connecting" | "connected" | "away";
  /** When this state began. */
  readonly since: number;
  /** The reason why the last poll failed; absent after an answer. */
  readonly fault?: StatusFault;
  /** Absent until it is known. */
  readonly clock?: ClockState;
  /** Polls that the device answered. */
  readonly readings: number;
  readonly lastReadingAt?: number;
  /** Readings not yet accepted. */
  readonly backlog: number;
  /** Readings lost to the bound of the outbox. */
  readonly dropped: number;
  readonly reconnects: number;
  /** Polls that failed. */
  readonly failures: number;
  /** dBm. */
  readonly rssi?: number;
  /** As the device last answered. */
  readonly sample?: Sample;
}

export interface StatusFault {
  /** The `fault` of a RadioError or FrameError, such as `not-found` or `checksum`. */
  readonly kind: string;
  /** For people, with a remedy where there is one. */
  readonly message: string;
}

export interface AggregatorStatus {
  readonly version: typeof STATUS_VERSION;
  readonly program: "bms-aggregator";
  /** When this was written. */
  readonly at: number;
  readonly endpoint: string;
  /** Meters that have delivered. */
  readonly meters: number;
  /** New readings received. */
  readonly readings: number;
  /** New readings timed more than 5 minutes ahead of the machine's clock. */
  readonly ahead?: number;
  readonly outputs: readonly OutputStatus[];
  /** Rejected messages by kind. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Absent while there is no live feed. */
  readonly feed?: FeedStatus;
  /** The aggregator's own host, then the known ones. Absent while it receives from its own only. */
  readonly hosts?: readonly HostStatus[];
}

/** A host whose agents deliver. */
export interface HostStatus {
  readonly name: string;
  /** Connections over the network. Absent for the aggregator's own host. */
  readonly connections?: number;
  /** When the oldest of these was made. Absent without any. */
  readonly connectedSince?: number;
  /** Meters that belong to it. */
  readonly meters: number;
  /** New readings received. */
  readonly readings: number;
  /** When its latest message came. */
  readonly lastAt?: number;
  /** Lead of its clock over the aggregator's, ms; negative behind. Absent while they agree within 5 s. */
  readonly clockAheadMs?: number;
}

export interface FeedStatus {
  /** Connections that have subscribed. */
  readonly subscribers: number;
  /** Readings, repeats included. */
  readonly published: number;
}

export interface OutputStatus {
  readonly name: string;
  /** `open` while it is written to. */
  readonly state: string;
  /** Readings. */
  readonly waiting: number;
}

/** Undefined for anything but the status of an agent in this version. */
export function parseAgentStatus(value: unknown): AgentStatus | undefined {
  if (!hasShape<AgentStatus>(value, AGENT)) return undefined;
  return value.sample === undefined ? value : { ...value, sample: knownQuantities(value.sample) };
}

/** Undefined for anything but the status of an aggregator in this version. */
export function parseAggregatorStatus(value: unknown): AggregatorStatus | undefined {
  return hasShape<AggregatorStatus>(value, AGGREGATOR) ? value : undefined;
}

type Check = (value: unknown) => boolean;
/** A check for every key of T: a key that is added to a type and not here does not compile. */
type Shape<T> = { readonly [K in keyof Required<T>]: Check };

const text: Check = (value) => typeof value === "string";
const number: Check = (value) => Number.isFinite(value);
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);
const shape =
  <T>(checks: Shape<T>): Check =>
  (value) =>
    hasShape<T>(value, checks);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const recordOf =
  (check: Check): Check =>
  (value) =>
    isRecord(value) && Object.values(value).every(check);

const AGENT: Shape<AgentStatus> = {
  version: oneOf(STATUS_VERSION),
  program: oneOf("bms-agent"),
  at: count,
  meter: text,
  site: optional(text),
  address: text,
  driver: optional(text),
  state: oneOf("connecting", "connected", "away"),
  since: count,
  fault: optional(shape<StatusFault>({ kind: text, message: text })),
  clock: optional(oneOf(...CLOCK_STATES)),
  readings: count,
  lastReadingAt: optional(count),
  backlog: count,
  dropped: count,
  reconnects: count,
  failures: count,
  rssi: optional(number),
  sample: optional(recordOf(number)),
};

const AGGREGATOR: Shape<AggregatorStatus> = {
  version: oneOf(STATUS_VERSION),
  program: oneOf("bms-aggregator"),
  at: count,
  endpoint: text,
  meters: count,
  readings: count,
  ahead: optional(count),
  outputs: listOf(shape<OutputStatus>({ name: text, state: text, waiting: count })),
  rejected: recordOf(count),
  feed: optional(shape<FeedStatus>({ subscribers: count, published: count })),
  hosts: optional(
    listOf(
      shape<HostStatus>({
        name: text,
        connections: optional(count),
        connectedSince: optional(count),
        meters: count,
        readings: count,
        lastAt: optional(count),
        clockAheadMs: optional(number),
      }),
    ),
  ),
};

function hasShape<T>(value: unknown, checks: Shape<T>): value is T {
  return isRecord(value) && Object.entries<Check>(checks).every(([key, check]) => check(value[key]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function knownQuantities(sample: Sample): Sample {
  return Object.fromEntries(Object.entries(sample).filter(([name]) => isQuantity(name)));
}
