import type { Clock } from "../../common/runtime/clock.ts";
import type { AnswerRecord, Device, RequestRecord } from "../../simulator/device.ts";
import { JBD_NOTIFY, JBD_WRITE } from "../../simulator/jbd/battery.ts";
import { type BoardChoice, formatBoardChoice } from "../../simulator/jbd/board-options.ts";
import type { PeripheralLink } from "../../simulator/peripheral.ts";
import type { DeviceKind } from "../../simulator/registry.ts";
import { createSimulator, type Simulator } from "../../simulator/simulator.ts";

/** A central connected to one simulated device. It only records what it receives, for tests of the devices themselves. */
export interface SimulatedCentral {
  readonly simulator: Simulator;
  readonly device: Device;
  readonly link: PeripheralLink;
  /** Notifications in hexadecimal. */
  readonly notified: string[];
  /** HCI reasons of the links that have ended. */
  readonly ended: number[];
  /** The answer log. */
  readonly records: AnswerRecord[];
  /** The log of requests on the air. */
  readonly requests: RequestRecord[];
  /** Writes a request to a JBD pack and returns the notifications of the following `waitMs`. */
  request(hex: string, waitMs?: number): Promise<string[]>;
}

export const REQUEST_INFO = "dda50300fffd77";
export const REQUEST_CELLS = "dda50400fffc77";
export const REQUEST_MODEL = "dda50500fffb77";

const ADDRESS = "A4:C1:37:00:00:01";

/** Connects to the only device of a new simulator, and subscribes if it is a JBD pack. */
export function connectCentral(
  clock: Clock,
  options: { kind?: DeviceKind; board?: BoardChoice; faults?: readonly string[]; latencyMs?: number } = {},
): SimulatedCentral {
  const { kind = "jbd16", board, faults = [], latencyMs } = options;
  const records: AnswerRecord[] = [];
  const requests: RequestRecord[] = [];
  const simulator = createSimulator({
    clock,
    seed: "central",
    latencyMs,
    devices: [{ address: ADDRESS, kind, ...(board && { choices: formatBoardChoice(board) }) }],
    onAnswer: (answer) => records.push(answer),
    onRequest: (request) => requests.push(request),
  });
  for (const fault of faults) simulator.set("all", fault);
  const device = simulator.at(ADDRESS);
  if (!device) throw new Error("the simulator lacks its only device");
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
    requests,
    async request(hex, waitMs = 1_000) {
      notified.length = 0;
      link.write(JBD_WRITE, Buffer.from(hex, "hex"));
      await clock.sleep(waitMs);
      return [...notified];
    },
  };
}
