import type { Clock } from "../../common/runtime/clock.ts";
import type { AnswerRecord, Device } from "../../simulator/device.ts";
import { JBD_NOTIFY, JBD_WRITE } from "../../simulator/jbd/battery.ts";
import type { PeripheralLink } from "../../simulator/peripheral.ts";
import { createSimulator, type DeviceKind, type Simulator } from "../../simulator/simulator.ts";

/** A central that only writes down what it is told, for tests of the batteries themselves. */
export interface Visitor {
  readonly simulator: Simulator;
  readonly device: Device;
  readonly link: PeripheralLink;
  /** What was notified, as hexadecimal. */
  readonly notified: string[];
  /** Why links have ended. */
  readonly ended: number[];
  readonly records: AnswerRecord[];
  /** Writes to a JBD pack and waits; what was notified meanwhile. */
  ask(hex: string, waitMs?: number): Promise<string[]>;
}

export const ASK_INFO = "dda50300fffd77";
export const ASK_CELLS = "dda50400fffc77";
export const ASK_MODEL = "dda50500fffb77";

const ADDRESS = "A4:C1:37:00:00:01";

/** One device on a simulator of its own, with these faults around it, and a visitor who has connected and subscribed. */
export function visit(
  clock: Clock,
  options: { kind?: DeviceKind; faults?: readonly string[]; latencyMs?: number } = {},
): Visitor {
  const { kind = "jbd16", faults = [], latencyMs } = options;
  const records: AnswerRecord[] = [];
  const simulator = createSimulator({
    clock,
    seed: "visitor",
    latencyMs,
    devices: [{ address: ADDRESS, kind }],
    onAnswer: (record) => records.push(record),
  });
  for (const fault of faults) simulator.set("all", fault);
  const device = simulator.at(ADDRESS);
  if (!device) throw new Error("the simulator has lost its only device");
  const notified: string[] = [];
  const ended: number[] = [];
  const link = device.connect({
    notified: (_, piece) => notified.push(Buffer.from(piece).toString("hex")),
    disconnected: (reason) => ended.push(reason),
  });
  if (kind.startsWith("jbd")) link.subscribe(JBD_NOTIFY, true);
  return {
    simulator,
    device,
    link,
    notified,
    ended,
    records,
    async ask(hex, waitMs = 1_000) {
      notified.length = 0;
      link.write(JBD_WRITE, Buffer.from(hex, "hex"));
      await clock.sleep(waitMs);
      return [...notified];
    },
  };
}
