import { encodePack } from "../../agent/drivers/jbd/basic-information.ts";
import { decodeRequest, encodeReply, hexByte } from "../../agent/drivers/jbd/frame.ts";
import {
  decodeModuleFrame,
  encodeModuleFrame,
  MODULE_COMMANDS,
  MODULE_STATUS,
  moduleFraming,
} from "../../agent/drivers/jbd/module-frame.ts";
import { type Counters, encodeCells, encodeCounters, encodeModel } from "../../agent/drivers/jbd/registers.ts";
import { type Address, addressBytes } from "../../common/model/address.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import type { Answer, Battery, Request } from "../battery.ts";
import { cellsSample } from "../expected-sample.ts";
import type { Rhythm } from "../pack.ts";
import type { GattService } from "../peripheral.ts";
import { createBoard } from "./board.ts";
import { type BoardChoice, boardOptions, loadedPreset } from "./board-options.ts";
import { infoSample } from "./expected-sample.ts";
import { factorySettings, type Registers } from "./factory-settings.ts";
import type { JbdPreset } from "./presets.ts";
import { protectionsAt } from "./protections.ts";
import { type JbdState, PROTECTIONS, simulateJbd } from "./state.ts";

export const JBD_NOTIFY = "ff01";
export const JBD_WRITE = "ff02";

/** The pack's service, and the module's own for firmware updates (captures of the vendor's app). */
const SERVICES: readonly GattService[] = [
  {
    uuid: "ff00",
    characteristics: [
      { uuid: JBD_NOTIFY, properties: ["read", "notify"] },
      { uuid: JBD_WRITE, properties: ["read", "writeWithoutResponse"] },
    ],
  },
  {
    uuid: "00010203-0405-0607-0809-0a0b0c0d1912",
    characteristics: [{ uuid: "00010203-0405-0607-0809-0a0b0c0d2b12", properties: ["read", "writeWithoutResponse"] }],
  },
];

/** Median time from a request to the first notification in captures, ms, by register. */
const LATENCIES: ReadonlyMap<number, number> = new Map([
  [0x03, 77],
  [0x04, 47],
  [0x05, 70],
  [0xaa, 70],
]);
const OTHER_LATENCY_MS = 60;
const MODULE_LATENCY_MS = 40;

const STATUS_OK = 0x00;
const TELINK_MTU = 23;

const NO_COUNTS = {
  ...{ sc: 0, coc: 0, duc: 0, ovp: 0, uvp: 0, cot: 0, cut: 0, dot: 0, dut: 0, bov: 0, buv: 0 },
  restarts: 0,
} as const satisfies Counters;
const IDLE_COUNTERS = { ...NO_COUNTS, uvp: 1, restarts: 1 } as const;

const AT_REST: Rhythm = { periodMs: 3_600_000, swing: 0 };

export interface JbdIdentity {
  readonly address: Address;
  readonly preset: JbdPreset;
  readonly seed: string;
  /** Age of the simulated pack when it is created, ms. */
  readonly ageMs: number;
  /** One latency for every answer instead of the captured ones, ms. */
  readonly latencyMs: number | undefined;
  /** The seed's own rhythm if absent. */
  readonly rhythm?: Rhythm;
  readonly board?: BoardChoice | undefined;
}

/** A JBD pack behind a Telink module, without a password. */
export function jbdBattery(identity: JbdIdentity, clock: Clock): Battery {
  const { address, seed, ageMs, latencyMs, rhythm, board: choice } = identity;
  const options = boardOptions(identity.preset, choice);
  const preset = options.family.adapt(loadedPreset(identity.preset, choice));
  const { stateAt, flowAt } = simulateJbd(preset, seed, choice?.load === "none" ? AT_REST : rhythm);
  const startedAt = clock.monotonic() - ageMs;
  const board = createBoard(factorySettings(preset), options, {
    cells: () => present().cells,
    clearCounters: () => void Object.assign(counters, NO_COUNTS),
  });
  const counters: Required<Counters> = { ...IDLE_COUNTERS };
  /** Protections that were raised by command, and those that the limits of the board have raised. */
  let raised = 0;
  let acting = 0;
  const mac = addressBytes(address);
  const company = (mac[0] ?? 0) | ((mac[1] ?? 0) << 8);

  const stops = () => ({ protect: raised | acting, switchedOff: board.switchedOff });

  /** The state at this moment, after the board's protections have acted. */
  function present(): JbdState {
    const ms = clock.monotonic() - startedAt;
    const before = acting;
    acting = protectionsAt(stateAt(ms, stops()), board.working, acting);
    count(acting & ~before & ~raised);
    return stateAt(ms, stops());
  }

  function count(protections: number): void {
    for (const [bit, { name }] of PROTECTIONS.entries()) {
      if ((protections & (1 << bit)) === 0 || !Object.hasOwn(counters, name)) continue;
      Object.assign(counters, { [name]: counters[name as keyof Counters] + 1 });
    }
  }

  /** Payload and sample of a register of present values; undefined where it is none. */
  function readRegister(register: number): { readonly payload: Uint8Array; readonly sample: Sample } | undefined {
    switch (register) {
      case 0x03: {
        const state = present();
        return { payload: encodePack(state.pack), sample: infoSample(state) };
      }
      case 0x04: {
        const state = present();
        return { payload: encodeCells(state.cells), sample: cellsSample(state.cells) };
      }
      case 0x05:
        return preset.model === undefined ? undefined : { payload: encodeModel(preset.model), sample: {} };
      case 0xaa:
        return { payload: encodeCounters(counters), sample: {} };
      default:
        return undefined;
    }
  }

  function answer(request: Request): Answer | undefined {
    const { characteristic, bytes } = request;
    if (request.kind === "read") return { characteristic, bytes, sample: {}, latencyMs: latencyMs ?? OTHER_LATENCY_MS };
    const command = moduleCommand(bytes);
    if (command === MODULE_COMMANDS.appKey) {
      const reply = encodeModuleFrame({ command, data: Uint8Array.of(MODULE_STATUS.noPassword) });
      return { characteristic: JBD_NOTIFY, bytes: reply, sample: {}, latencyMs: latencyMs ?? MODULE_LATENCY_MS };
    }
    const decoded = decodeRequest(bytes);
    if (!decoded) return undefined;
    const { register } = decoded;
    const known = decoded.write ? undefined : readRegister(register);
    const reply = known ? { register, status: STATUS_OK, payload: known.payload } : board.respond(decoded);
    if (!reply) return undefined;
    return {
      characteristic: JBD_NOTIFY,
      bytes: encodeReply(reply),
      sample: known?.sample ?? {},
      latencyMs: latencyMs ?? LATENCIES.get(register) ?? OTHER_LATENCY_MS,
    };
  }

  return {
    address,
    addressType: "public",
    name: `JBD-${preset.cells.length}S-${address.replaceAll(":", "").slice(-4)}`,
    manufacturerData: new Map([[company, mac.slice(2)]]),
    rssi: -55 - ((mac[5] ?? 0) % 30),
    services: SERVICES,
    advertisedServices: ["ff00"],
    mtu: TELINK_MTU,
    preferredParameters: { minIntervalMs: 15, maxIntervalMs: 18.75, latency: 99, supervisionTimeoutMs: 4_000 },
    registerOf: ({ bytes }) => {
      const command = moduleCommand(bytes);
      if (command !== undefined) return `ffaa${hexDigits(command)}`;
      const decoded = decodeRequest(bytes);
      return decoded ? hexDigits(decoded.register) : "";
    },
    answer,
    setProtection(name, on) {
      const bit = PROTECTIONS.findIndex((protection) => protection.name === name);
      const found = PROTECTIONS[bit];
      if (!found) {
        const known = PROTECTIONS.map((protection) => protection.name);
        throw new RangeError(`no protection ${name}: choose one of ${known.join(", ")}`);
      }
      if (on) count((1 << bit) & ~raised);
      raised = on ? raised | (1 << bit) : raised & ~(1 << bit);
    },
    linkEnded: () => board.linkEnded(),
    losePower() {
      board.losePower();
      acting = 0;
      Object.assign(counters, { restarts: counters.restarts + 1 });
    },
    interruptSave: (after) => board.interruptSave(after),
    memory: () => ({
      isInFactoryMode: board.isInFactoryMode,
      working: inHex(board.working),
      stored: inHex(board.stored),
    }),
    flowAt: (monotonicMs) => flowAt(monotonicMs - startedAt, stops()),
  };
}

function moduleCommand(bytes: Uint8Array): number | undefined {
  const isWhole = bytes[1] === 0xaa && moduleFraming.starts(bytes) && moduleFraming.size(bytes) === bytes.length;
  return isWhole && !moduleFraming.fault(bytes) ? decodeModuleFrame(bytes).command : undefined;
}

const hexDigits = (byte: number) => hexByte(byte).slice(2);

function inHex(registers: Registers): Record<string, string> {
  return Object.fromEntries(
    [...registers].map(([register, data]) => [hexDigits(register), Buffer.from(data).toString("hex")]),
  );
}
