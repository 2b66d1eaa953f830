import type { Clock } from "../../common/runtime/clock.ts";
import type { Departure, Device } from "../../simulator/device.ts";
import { JBD_NOTIFY, JBD_WRITE } from "../../simulator/jbd/battery.ts";
import type { PeripheralLink } from "../../simulator/peripheral.ts";
import { type Air, createAir, type DeviceKind } from "../../simulator/simulator.ts";

/** A central that only writes down what it is told, for tests of the batteries themselves. */
export interface Visitor {
  readonly air: Air;
  readonly device: Device;
  readonly link: PeripheralLink;
  /** What was notified, as hexadecimal. */
  readonly notified: string[];
  /** Why links have ended. */
  readonly ended: number[];
  readonly departures: Departure[];
  /** Writes to a JBD pack and waits; what was notified meanwhile. */
  ask(hex: string, waitMs?: number): Promise<string[]>;
}

export const ASK_INFO = "dda50300fffd77";
export const ASK_CELLS = "dda50400fffc77";
export const ASK_MODEL = "dda50500fffb77";

const ADDRESS = "A4:C1:37:00:00:01";

/** One device on an air of its own, with these faults around it, and a visitor who has connected and subscribed. */
export function visit(
  clock: Clock,
  options: { kind?: DeviceKind; faults?: readonly string[]; latencyMs?: number } = {},
): Visitor {
  const { kind = "jbd16", faults = [], latencyMs } = options;
  const departures: Departure[] = [];
  const air = createAir({
    clock,
    seed: "visitor",
    latencyMs,
    devices: [{ address: ADDRESS, kind }],
    onDeparture: (departure) => departures.push(departure),
  });
  for (const fault of faults) air.set("all", fault);
  const device = air.at(ADDRESS);
  if (!device) throw new Error("the air has lost its only device");
  const notified: string[] = [];
  const ended: number[] = [];
  const link = device.connect({
    notified: (_, piece) => notified.push(Buffer.from(piece).toString("hex")),
    disconnected: (reason) => ended.push(reason),
  });
  if (kind.startsWith("jbd")) link.subscribe(JBD_NOTIFY, true);
  return {
    air,
    device,
    link,
    notified,
    ended,
    departures,
    async ask(hex, waitMs = 1_000) {
      notified.length = 0;
      link.write(JBD_WRITE, Buffer.from(hex, "hex"));
      await clock.sleep(waitMs);
      return [...notified];
    },
  };
}
