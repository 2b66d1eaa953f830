import { type Address, addressBytes } from "../../common/model/address.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Battery } from "../battery.ts";
import type { GattService } from "../peripheral.ts";
import { a5Board } from "./a5.ts";
import type { DalyBoard } from "./board.ts";
import { d2Board } from "./d2.ts";
import { p81Board } from "./p81.ts";
import { ALARM_NAMES, type DalySimulation, simulateDaly } from "./state.ts";

export interface DalyIdentity {
  readonly address: Address;
  readonly kind: string;
  readonly seed: string;
  readonly ageMs: number;
  readonly latencyMs: number | undefined;
}

interface Kind {
  readonly cells: number;
  readonly service: "fff0" | "ff00";
  readonly mtu: number;
  /** True if the meaning of its alarm bits is known. */
  readonly hasAlarms: boolean;
  board(simulation: DalySimulation): DalyBoard;
}

const WIDE_MTU = 512;
const DEFAULT_MTU = 23;

/** The boards by the word for `--device`. */
export const DALY_KINDS = {
  "daly-d2": {
    ...{ cells: 16, service: "fff0", mtu: WIDE_MTU, hasAlarms: true },
    board: ({ protections }) => d2Board(80, protections),
  },
  "daly-d2-62": {
    ...{ cells: 8, service: "ff00", mtu: DEFAULT_MTU, hasAlarms: true },
    board: ({ protections }) => d2Board(62, protections),
  },
  "daly-p81": { cells: 16, service: "fff0", mtu: WIDE_MTU, hasAlarms: false, board: () => p81Board() },
  "daly-a5": {
    ...{ cells: 14, service: "fff0", mtu: DEFAULT_MTU, hasAlarms: true },
    board: ({ protections }) => a5Board(0x40, protections),
  },
} as const satisfies Readonly<Record<string, Kind>>;

/** Company identifier and first byte of the manufacturer data, of which the address is the rest. */
const COMPANY = 0x0302;
const FIRST_BYTE = 0x16;
const LATENCY_MS = 180;

/** A pack with a board by Daly. */
export function dalyBattery(identity: DalyIdentity, clock: Clock): Battery {
  const { address, kind: name, seed, ageMs, latencyMs = LATENCY_MS } = identity;
  const kinds: Readonly<Record<string, Kind>> = DALY_KINDS;
  const kind = kinds[name];
  if (!kind) throw new RangeError(`no board ${name}: choose one of ${Object.keys(DALY_KINDS).join(", ")}`);
  const simulation = simulateDaly(kind.cells, seed, kind.hasAlarms ? ALARM_NAMES : []);
  const board = kind.board(simulation);
  const startedAt = clock.monotonic() - ageMs;
  const [notify, write] = [1, 2].map((end) => `${kind.service.slice(0, 3)}${end}`) as [string, string];
  const mac = addressBytes(address);
  return {
    address,
    addressType: "public",
    name: `DL-${address.replaceAll(":", "")}`,
    manufacturerData: new Map([[COMPANY, Uint8Array.of(FIRST_BYTE, ...mac, ...Buffer.from("DL"))]]),
    rssi: -58 - ((mac[5] ?? 0) % 25),
    services: [servicesOf(kind.service, notify, write)],
    advertisedServices: [kind.service],
    mtu: kind.mtu,
    registerOf: ({ bytes }) => board.registerOf(bytes) ?? "",
    answer({ kind: operation, characteristic, bytes }) {
      if (operation !== "write" || characteristic !== write) return undefined;
      const found = board.answer(bytes, simulation.stateAt(clock.monotonic() - startedAt));
      return found && { ...found, characteristic: notify, latencyMs };
    },
    setProtection: (protection, on) => simulation.protections.set(protection, on),
    linkEnded: () => board.linkEnded?.(),
    flowAt: (monotonicMs) => simulation.flowAt(monotonicMs - startedAt),
  };
}

const servicesOf = (uuid: string, notify: string, write: string): GattService => ({
  uuid,
  characteristics: [
    { uuid: notify, properties: ["read", "notify"] },
    { uuid: write, properties: ["read", "write", "writeWithoutResponse"] },
  ],
});
