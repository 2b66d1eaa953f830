import { formatQuantity, QUANTITIES, QUANTITY_NAMES } from "../../../common/model/quantities.ts";
import type { Sample } from "../../../common/model/reading.ts";
import type { Log } from "../../../common/runtime/log.ts";
import type { Description } from "../../drivers/device-session.ts";
import { connectDevice } from "../../polling/connect.ts";
import { defineCommand, type World } from "../command.ts";
import { chooseDevice, DEVICE_OPTIONS, type DeviceChoice } from "../device-options.ts";
import { reachDevice } from "../open-device.ts";

export interface InfoOptions extends DeviceChoice {
  readonly json: boolean;
}

/** What a device is, and what it says now. */
export interface Portrait extends Description {
  readonly driver: string;
  readonly address: string;
  readonly sample: Sample;
}

export const info = defineCommand<InfoOptions>({
  name: "info",
  about: "Connects once and prints what the device is and says now.",
  options: ["address", ...DEVICE_OPTIONS, "json"],
  examples: [
    ["bms-agent info -b A4:C1:37:00:00:01", "as a table"],
    ["bms-agent info -b A4:C1:37:00:00:01 --json", "as one line of JSON"],
  ],
  read: (words) => ({ ...chooseDevice(words), json: words.values.json ?? false }),
  async run(options, world) {
    const portrait = await portray(options, world, world.createLog(options.logLevel, options.address));
    world.print(options.json ? `${JSON.stringify(portrait)}\n` : portraitTable(portrait));
    return 0;
  },
});

/** Connects once and asks. @throws {UsageError} {RadioError} {FrameError} */
export async function portray(
  choice: DeviceChoice,
  { clock, stop }: Pick<World, "clock" | "stop">,
  log: Log,
): Promise<Portrait> {
  const { radio, target, release } = await reachDevice(choice, clock, log);
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

/** For people: what it is, then every quantity with its unit. */
export function portraitTable(portrait: Portrait): string {
  const { sample, counters } = portrait;
  const facts = FACTS.flatMap((name) =>
    portrait[name] === undefined ? [] : [[name, String(portrait[name])] as const],
  );
  const counted = Object.entries(counters ?? {}).map(([name, count]) => `${name} ${count}`);
  const quantities = QUANTITY_NAMES.flatMap((name) => {
    const value = sample[name];
    return value === undefined ? [] : [{ name, value: formatQuantity(name, value), ...QUANTITIES[name] }];
  });
  const widest = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length));
  const nameWidth = widest([...FACTS, "counters", ...quantities.map(({ name }) => name)]);
  const valueWidth = widest(quantities.map(({ value }) => value));
  const unitWidth = widest(quantities.map(({ unit }) => unit));
  const lines = [
    ...facts.map(([name, fact]) => `${name.padEnd(nameWidth)}  ${fact}`),
    ...(counters ? [`${"counters".padEnd(nameWidth)}  ${counted.join(", ")}`] : []),
    "",
    ...quantities.map(
      ({ name, value, unit, about }) =>
        `${name.padEnd(nameWidth)}  ${value.padStart(valueWidth)} ${unit.padEnd(unitWidth)}  ${about}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}
