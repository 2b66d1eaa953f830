import { printable } from "../../common/model/printable.ts";
import { isFullName, underFullName } from "../../common/model/site.ts";
import {
  type AgentStatus,
  type AggregatorStatus,
  type HostStatus,
  parseAgentStatus,
  parseAggregatorStatus,
} from "../../common/model/status.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { AgentHealth, AggregatorHealth, HealthView, HostHealth } from "../model/views.ts";
import { createAges } from "./age.ts";
import { readStatusFiles } from "./status-files.ts";

/** The state of the programs, from their status files. */
export interface Health {
  /** As of the last look, at most some seconds ago. */
  view(): HealthView;
  /** Resolves when the files have been read once more. */
  look(): Promise<void>;
  close(): void;
}

export interface HealthDeps {
  readonly clock: Clock;
  /** Period of a meter, ms, if it is known. */
  readonly periodOf: (meter: string) => number | undefined;
}

/** Between two looks, ms. */
const LOOK_EVERY_MS = 2_000;
/** The aggregator writes every 2 s. Three of its reports also allow for a look that comes just before one of them, ms. */
const AGGREGATOR_SILENT_MS = 6_000;
/** An agent writes at least once per period. Shortest and, for an unknown period, assumed limit, ms. */
const AGENT_SILENT_MS = { shortest: 6_000, assumed: 120_000 };
/** The first attempt to connect may take two minutes, in which nothing is written. */
const CONNECTING_MS = 150_000;
/** Characters of a foreign text. */
const MAX_TEXT = 300;

/** Reads the status files in and below `directories` every 2 s until it is closed. */
export function openHealth(directories: readonly string[], { clock, periodOf }: HealthDeps): Health {
  const ages = createAges(clock);
  const closed = new AbortController();
  let agents: readonly Written<AgentStatus>[] = [];
  let aggregators: readonly Written<AggregatorStatus>[] = [];

  let lastLook = Promise.resolve();

  /** One look after the other, so that an older one does not replace a newer one. */
  function look() {
    lastLook = lastLook.then(read);
    return lastLook;
  }
  async function read() {
    const files = await readStatusFiles(directories);
    agents = parsed(files, parseNamedAgentStatus);
    aggregators = parsed(files, parseAggregatorStatus);
    ages.keep(files.map(({ path }) => path));
    for (const { path, status } of [...agents, ...aggregators]) ages.of(path, status.at);
  }
  async function lookWhileOpen() {
    while (!closed.signal.aborted) {
      await look();
      await clock.sleep(LOOK_EVERY_MS, closed.signal).catch(() => {});
    }
  }
  const isSilent = ({ path, status: { at, meter, state } }: Written<AgentStatus>) => {
    const periodMs = periodOf(meter);
    const longestMs = periodMs === undefined ? AGENT_SILENT_MS.assumed : 2 * periodMs;
    const leastMs = state === "connecting" ? CONNECTING_MS : AGENT_SILENT_MS.shortest;
    return ages.of(path, at) > Math.max(leastMs, longestMs);
  };
  void lookWhileOpen();
  return {
    view() {
      const [newest] = [...aggregators].sort((a, b) => b.status.at - a.status.at);
      return {
        agents: agents
          .map((agent) => agentHealth(agent.status, isSilent(agent)))
          .sort((a, b) => (a.meter < b.meter ? -1 : 1)),
        ...(newest && {
          aggregator: aggregatorHealth(newest.status, ages.of(newest.path, newest.status.at) > AGGREGATOR_SILENT_MS),
        }),
      };
    },
    look,
    close: () => closed.abort(),
  };
}

/** Under the full name of its meter. */
function parseNamedAgentStatus(content: unknown): AgentStatus | undefined {
  const status = parseAgentStatus(content);
  const named = status && underFullName(status);
  return named && isFullName(named.meter) ? named : undefined;
}

interface Written<S> {
  readonly path: string;
  readonly status: S;
}

function parsed<S>(
  files: readonly { readonly path: string; readonly content: unknown }[],
  parse: (content: unknown) => S | undefined,
): Written<S>[] {
  return files.flatMap(({ path, content }) => {
    const status = parse(content);
    return status ? [{ path, status }] : [];
  });
}

function agentHealth(status: AgentStatus, isSilent: boolean): AgentHealth {
  const { meter, at, state, since, fault, readings, failures, reconnects, backlog, dropped, rssi } = status;
  return {
    meter,
    ...(isSilent ? { state: "silent", since: at } : { state, since }),
    ...(fault && { fault: text(fault.message) }),
    readings,
    failures,
    reconnects,
    backlog,
    dropped,
    ...(rssi !== undefined && { rssi }),
  };
}

function aggregatorHealth(status: AggregatorStatus, isSilent: boolean): AggregatorHealth {
  const { at, readings, outputs, rejected, hosts } = status;
  return {
    state: isSilent ? "silent" : "running",
    at,
    readings,
    outputs: outputs.map(({ name, state, waiting }) => ({ name: text(name), state: text(state), waiting })),
    rejected: Object.values(rejected).reduce((sum, count) => sum + count, 0),
    ...(hosts && { hosts: hosts.map(hostHealth) }),
  };
}

function hostHealth({ name, connections, meters, readings, lastAt, clockAheadMs }: HostStatus): HostHealth {
  return {
    name: text(name),
    ...(connections !== undefined && { connections }),
    meters,
    readings,
    ...(lastAt !== undefined && { lastAt }),
    ...(clockAheadMs !== undefined && { clockAheadMs }),
  };
}

const text = (foreign: string) => printable(foreign.slice(0, MAX_TEXT));
