import { jbd } from "../../../agent/drivers/jbd/jbd.ts";
import { type Link, RadioError } from "../../../agent/radio/radio.ts";
import type { Address } from "../../../common/model/address.ts";
import type { Clock } from "../../../common/runtime/clock.ts";
import type { PackConnection } from "../../../control/settings/pack-link.ts";
import type { Memory } from "../../../simulator/battery.ts";
import type { RequestRecord } from "../../../simulator/device.ts";
import { formatBoardChoice } from "../../../simulator/jbd/board-options.ts";
import { ConnectRefused } from "../../../simulator/peripheral.ts";
import { createSimulator, type Simulator } from "../../../simulator/simulator.ts";
import { inProcessLink } from "../../support/in-process-link.ts";
import { createPhases, type Moment, type Phase, type Plan } from "./plan.ts";

const ADDRESS = "A4:C1:37:00:00:01";
const CONNECTING_MS = 800;
const NOT_FOUND_MS = 10_000;

/** A simulated pack, and whoever connects to it from one process. */
export interface SimulatedPack {
  readonly address: Address;
  readonly simulator: Simulator;
  /** Every request that was on the air. */
  readonly requests: readonly RequestRecord[];
  memory(): Memory;
  /** @throws {RadioError} */
  connect(): Promise<PackConnection>;
  /** Ends the present process: none of its requests is sent any more, and its link ends. */
  kill(): void;
  /** Called before each request and after it. It is not sent if the process was killed before. */
  onRequest: (moment: Moment, when: "before" | "after") => void;
  /** Removes all faults, and those that were to come. */
  repair(): void;
}

export function createPack(plan: Plan, clock: Clock): SimulatedPack {
  const requests: RequestRecord[] = [];
  const simulator = createSimulator({
    clock,
    seed: plan.seed,
    latencyMs: 40,
    devices: [{ address: ADDRESS, kind: plan.kind, choices: formatBoardChoice(plan.board) }],
    onAnswer: () => {},
    onRequest: (request) => requests.push(request),
  });
  const [device] = simulator.devices;
  if (!device) throw new Error("the simulator lacks its only pack");
  const momentOf = createPhases(startFaults);
  let isPlanned = true;
  let alive = new AbortController();
  if (plan.pin !== undefined) simulator.set("all", `locked:pin=${plan.pin}`);
  startFaults("reading");

  function startFaults(from: Phase): void {
    for (const fault of plan.faults) if (isPlanned && fault.from === from) simulator.set("all", fault.spec);
  }
  const pack: SimulatedPack = {
    address: ADDRESS,
    simulator,
    requests,
    onRequest: () => {},
    memory() {
      const memory = device.battery.memory?.();
      if (!memory) throw new Error("the pack has no parameters");
      return memory;
    },
    async connect() {
      if (!device.advertisement()) {
        await clock.sleep(NOT_FOUND_MS);
        throw new RadioError("not-found", "no advertisement of the pack");
      }
      await clock.sleep(CONNECTING_MS);
      const link = guarded(connectTo());
      const session = await jbd.open(link, plan.pin === undefined ? {} : { pin: plan.pin });
      if (!session.settings) throw new Error("a session of the jbd driver has settings");
      return { poll: session.poll, settings: session.settings, link, close: () => link.close() };
    },
    kill() {
      alive.abort();
      alive = new AbortController();
      device.drop(0x13);
    },
    repair() {
      isPlanned = false;
      simulator.clear("all");
      if (plan.pin !== undefined) simulator.set("all", `locked:pin=${plan.pin}`);
    },
  };
  return pack;

  function connectTo(): Link {
    if (!device) throw new Error("no device");
    try {
      return inProcessLink(device, clock);
    } catch (cause) {
      if (!(cause instanceof ConnectRefused)) throw cause;
      throw new RadioError("connect-failed", cause.message, { cause });
    }
  }

  /** The link as a process has it: nothing comes of it once the process was killed. */
  function guarded(link: Link): Link {
    const { signal } = alive;
    return {
      ...link,
      async write(at, bytes, mode) {
        if (signal.aborted) await NEVER;
        const moment = momentOf(bytes);
        pack.onRequest(moment, "before");
        if (signal.aborted) await NEVER;
        await link.write(at, bytes, mode);
        pack.onRequest(moment, "after");
        if (signal.aborted) await NEVER;
      },
    };
  }
}

const NEVER = new Promise<never>(() => {});
