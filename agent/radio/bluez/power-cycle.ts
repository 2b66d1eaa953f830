import type { Log } from "../../../common/runtime/log.ts";
import { BusError } from "../dbus/bus-error.ts";
import { variant } from "../dbus/dbus-next.ts";
import { RadioError } from "../radio.ts";
import { adapterRoll } from "../sharing/names.ts";
import { readRoll } from "../sharing/presence.ts";
import type { Daemon } from "./client.ts";
import { ADAPTER, PROPERTIES } from "./names.ts";
import type { Mirror } from "./object-cache.ts";
import type { AdapterObject, Path } from "./objects.ts";
import { createPatience, type Patience, patienceTimes } from "./patience.ts";

/**
 * The last resort: the adapter is switched off and on, which ends every link on it. That needs the consent of all who
 * use it: each says on the adapter's roll whether its own patience is over, and one that was not told to switch never
 * consents.
 */
export interface PowerCycle extends Omit<Patience, "isOver"> {
  /** What this process says on the roll. */
  word(): string;
  /**
   * In the adapter's turn, before it is used: switches where that is due, and waits until it is on again.
   * @throws {RadioError} adapter-off, where it has been switched
   */
  attend(adapter: AdapterObject): Promise<void>;
  /** While it is off by our doing. */
  fault(): RadioError | undefined;
}

export interface PowerCycleGround {
  readonly daemon: Daemon;
  readonly mirror: Mirror;
  readonly log: Log;
  readonly translate: (error: unknown, what: string) => RadioError;
}

const CONSENT = "switch it off and on";
const REFUSAL = "leave it on";

/** A bluetoothd that is busy with the former change refuses the next one. */
const TRIES = 5;
const BETWEEN_TRIES_MS = 500;
const SWITCH_LIMIT_MS = 10_000;

/** Where `afterMs` is undefined this process never switches, and never consents to another's switching. */
export function createPowerCycle(afterMs: number | undefined, ground: PowerCycleGround): PowerCycle {
  const { log, translate } = ground;
  const patience = createPatience(patienceTimes(afterMs ?? Number.POSITIVE_INFINITY), () => performance.now());
  let underWay: RadioError | undefined;

  const isAgreed = async (adapter: string) => (await readRoll(adapterRoll(adapter))).every((word) => word === CONSENT);

  async function cycle({ path, name }: AdapterObject): Promise<void> {
    log.warn(`no agent on ${name} has had an answer for long: switching it off and on (--power-cycle)`);
    try {
      try {
        await switchPower(path, false, ground);
      } finally {
        await switchPower(path, true, ground);
      }
    } catch (error) {
      log.error(translate(error, `switching ${name} off and on`).message);
      patience.restarted();
    }
  }

  return {
    answered: patience.answered,
    lost: patience.lost,
    restarted: patience.restarted,
    word: () => (patience.isOver() ? CONSENT : REFUSAL),
    async attend(adapter) {
      if (!patience.isOver() || !(await isAgreed(adapter.name))) return;
      const fault = new RadioError("adapter-off", `${adapter.name} is being switched off and on`);
      underWay = fault;
      await cycle(adapter);
      underWay = undefined;
      throw fault;
    },
    fault: () => underWay,
  };
}

/** Resolves when the adapter is so. @throws {BusError} */
async function switchPower(path: Path, on: boolean, { daemon, mirror }: PowerCycleGround): Promise<void> {
  const request = { path, interface: PROPERTIES, member: "Set", signature: "ssv" };
  const body = [ADAPTER, "Powered", variant("b", on)];
  const isSo = () => mirror.objects.adapters().some((adapter) => adapter.path === path && adapter.powered === on);
  for (let tries = 1; ; tries++) {
    try {
      await daemon.call({ ...request, body });
      break;
    } catch (error) {
      if (tries === TRIES || !(error instanceof BusError && /\.(Busy|Failed)$/.test(error.error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN_TRIES_MS));
    }
  }
  const late = () => new BusError("bus.timeout", `still ${on ? "off" : "on"} after ${SWITCH_LIMIT_MS / 1000} s`);
  await mirror.until(isSo, SWITCH_LIMIT_MS, late);
}
