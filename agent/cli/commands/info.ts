import { type CommandDeps, defineCommand } from "../../../common/cli/command.ts";
import { SHARED_OPTIONS } from "../../../common/cli/option.ts";
import { formatColumns } from "../../../common/cli/text.ts";
import type { Sample } from "../../../common/model/reading.ts";
import type { Log } from "../../../common/runtime/log.ts";
import type { Description } from "../../drivers/device-session.ts";
import { connectDevice } from "../../polling/connect.ts";
import { DEVICE_OPTIONS, type DeviceOptions, readDeviceOptions } from "../device-options.ts";
import { openDevice } from "../open-device.ts";
import { NAME_WIDTH, quantityTable } from "../quantity-table.ts";

export interface InfoOptions extends DeviceOptions {
  readonly json: boolean;
}

/** A device's identity and one sample. */
export interface DeviceReport extends Description {
  readonly driver: string;
  readonly address: string;
  readonly sample: Sample;
}

export const info = defineCommand({
  name: "info",
  about: "Connects once and prints the device's identity and its present values.",
  options: { ...DEVICE_OPTIONS, json: SHARED_OPTIONS.json },
  examples: [
    ["bms-agent info -b A4:C1:37:00:00:01", "as a table"],
    ["bms-agent info -b A4:C1:37:00:00:01 --json", "as one line of JSON"],
  ],
  read: (input): InfoOptions => ({ ...readDeviceOptions(input), json: input.values.json }),
  async run(options, deps) {
    const report = await readDevice(options, { ...deps, log: deps.createLog(options.logLevel, options.address) });
    deps.print(options.json ? `${JSON.stringify(report)}\n` : deviceTable(report));
    return 0;
  },
});

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
      const { driver, link } = connection;
      return { driver: driver.name, address: link.address, ...(await connection.describe()), sample };
    } finally {
      await connection.close();
    }
  } finally {
    await release();
  }
}

const FACTS = ["driver", "address", "model", "software", "produced", "cells"] as const;

/** For people: the identity, then every quantity with its unit. */
export function deviceTable(report: DeviceReport): string {
  const { sample, counters } = report;
  const facts = FACTS.flatMap((name) => (report[name] === undefined ? [] : [[name, String(report[name])] as const]));
  const counted = Object.entries(counters ?? {}).map(([name, count]) => `${name} ${count}`);
  const rows = [...facts, ...(counters ? [["counters", counted.join(", ")] as const] : [])];
  return `${formatColumns(rows.map(([name, fact]) => [name.padEnd(NAME_WIDTH), fact]))}\n${quantityTable(sample)}`;
}
