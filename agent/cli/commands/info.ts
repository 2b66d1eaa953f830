import { type CommandDeps, defineCommand } from "../../../common/cli/command.ts";
import { SHARED_OPTIONS } from "../../../common/cli/option.ts";
import { formatAge, formatColumns } from "../../../common/cli/text.ts";
import type { Address } from "../../../common/model/address.ts";
import type { Sample } from "../../../common/model/reading.ts";
import type { Log } from "../../../common/runtime/log.ts";
import type { Description } from "../../drivers/device-session.ts";
import { connectDevice } from "../../polling/connect.ts";
import { reasonFor } from "../../polling/first-answer.ts";
import { RadioError } from "../../radio/radio.ts";
import { agentOf, type LocalAgent, localAgents } from "../../status/local-agents.ts";
import { DEVICE_OPTIONS, type DeviceOptions, readDeviceOptions } from "../device-options.ts";
import { openDevice } from "../open-device.ts";
import { NAME_WIDTH, quantityTable } from "../quantity-table.ts";

export interface InfoOptions extends DeviceOptions {
  readonly json: boolean;
}

/** A device's identity and one sample. */
export interface DeviceReport extends Description {
  readonly driver: string;
  /** The reason for this driver, where others fit the device as well. */
  readonly chosen?: string;
  readonly address: string;
  /** The agent whose last reading this is; absent if it was read now. */
  readonly readBy?: string;
  /** Of that reading. */
  readonly age?: string;
  readonly sample: Sample;
}

export const info = defineCommand({
  name: "info",
  about: `Connects once and prints the device's identity and its present values. If an agent of this machine is connected to
the device, prints that agent's last reading and its age.`,
  options: { ...DEVICE_OPTIONS, json: SHARED_OPTIONS.json },
  examples: [
    ["bms-agent info -b A4:C1:37:00:00:01", "as a table"],
    ["bms-agent info -b A4:C1:37:00:00:01 --json", "as one line of JSON"],
  ],
  read: (input): InfoOptions => ({ ...readDeviceOptions(input), json: input.values.json }),
  async run(options, deps) {
    const log = deps.createLog(options.logLevel, options.address);
    deps.progress(`looking for ${options.address}, which takes up to ${SEARCH_S} s …`);
    const report = await readDevice(options, { ...deps, log }).catch((error) => {
      const last = lastReport(error, options.address, localAgents(), deps.clock.now());
      if (!last) throw error;
      log.info(last.explanation);
      return last.report;
    });
    deps.print(options.json ? `${JSON.stringify(report)}\n` : deviceTable(report));
    return 0;
  },
});

/** A search for a device that does not advertise ends after this time. */
const SEARCH_S = 12;

/** The last reading of the agent that keeps others from connecting; undefined if that is not the reason of the error. */
export function lastReport(
  error: unknown,
  address: Address,
  agents: readonly LocalAgent[],
  now: number,
): { readonly report: DeviceReport; readonly explanation: string } | undefined {
  if (!(error instanceof RadioError) || error.fault !== "busy") return undefined;
  const { name, status } = agentOf(address, agents) ?? {};
  if (!status?.sample || status.lastReadingAt === undefined) return undefined;
  const age = formatAge(Math.max(0, Math.round((now - status.lastReadingAt) / 1000)));
  return {
    report: { driver: status.driver ?? "unknown", address, readBy: `bms-agent@${name}`, age, sample: status.sample },
    explanation: `bms-agent@${name} is connected to it; these are its last values, ${age} old; sudo bmsctl release ${name} frees the battery`,
  };
}

/** Connects once, polls once, disconnects. @throws {UsageError} {RadioError} {FrameError} */
export async function readDevice(
  options: DeviceOptions,
  { clock, stop, log }: Pick<CommandDeps, "clock" | "stop"> & { readonly log: Log },
): Promise<DeviceReport> {
  const { radio, target, release } = await openDevice(options, { clock, log });
  try {
    const connection = await connectDevice(target, { radio, clock }, stop);
    try {
      const sample = await connection.poll();
      const { driver, alternatives, link } = connection;
      const [chosen] = reasonFor(alternatives);
      return {
        driver: driver.name,
        ...(chosen !== undefined && { chosen }),
        address: link.address,
        ...(await connection.describe()),
        sample,
      };
    } finally {
      await connection.close();
    }
  } finally {
    await release();
  }
}

const FACTS = {
  driver: "driver",
  chosen: "chosen",
  address: "address",
  readBy: "read by",
  age: "age",
  model: "model",
  software: "software",
  hardware: "hardware",
  produced: "produced",
  cells: "cells",
} as const satisfies { readonly [Name in keyof DeviceReport]?: string };

/** For people: the identity, then every quantity with its unit. */
export function deviceTable(report: DeviceReport): string {
  const { sample, counters } = report;
  const facts = Object.entries(FACTS).flatMap(([name, label]) => {
    const fact = report[name as keyof typeof FACTS];
    return fact === undefined ? [] : [[label, String(fact)] as const];
  });
  const counted = Object.entries(counters ?? {}).map(([name, count]) => `${name} ${count}`);
  const rows = [...facts, ...(counters ? [["counters", counted.join(", ")] as const] : [])];
  return `${formatColumns(rows.map(([name, fact]) => [name.padEnd(NAME_WIDTH), fact]))}\n${quantityTable(sample)}`;
}
