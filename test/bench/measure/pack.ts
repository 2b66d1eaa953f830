import type { Address } from "../../../common/model/address.ts";
import { systemClock } from "../../../common/runtime/clock.ts";
import { JBD_NOTIFY, JBD_WRITE, jbdBattery } from "../../../simulator/jbd/battery.ts";
import { JBD_PRESETS, type JbdPreset } from "../../../simulator/jbd/presets.ts";
import { createMessageBus } from "../../support/dbus/message-bus.ts";
import { type ScriptedBluez, scriptedBluez } from "../../support/dbus/scripted-bluez.ts";
import type { Bench } from "../question.ts";

/** One request of a poll and its answer, by performance.now(). */
export interface Exchange {
  /** `03` or `04`. */
  readonly register: string;
  readonly requestedAt: number;
  /** When the last piece of the answer was sent; undefined where nothing was. */
  answeredAt?: number;
}

export interface Pack {
  readonly address: Address;
  readonly exchanges: readonly Exchange[];
  /** Changes the pieces of the next answers, each of which it may also take away. */
  disturb(pieces: Disturbance | undefined): void;
}

export type Disturbance = (pieces: readonly Uint8Array[], register: string) => readonly Uint8Array[];

/** Bytes of a notification. */
const PIECE = 20;
/** Agents lock adapters and devices on the whole machine: no other radio, of this run or another, has the same names. */
let radios = 0;
let packsOfAll = 0;

/** A scripted BlueZ on a message bus of its own, in this process. */
export interface PackRadio {
  /** For DBUS_SYSTEM_BUS_ADDRESS. */
  readonly busAddress: string;
  /** Adds a pack. Without a latency it answers as captured packs do: 77 ms for 0x03, 47 ms for 0x04. */
  addPack(latencyMs?: number): Pack;
}

export async function startPackRadio(bench: Pick<Bench, "after">): Promise<PackRadio> {
  const bluez = scriptedBluez(await createMessageBus());
  bench.after(() => bluez.close());
  radios += 1;
  const adapter = `hci${process.pid}${radios}`;
  bluez.addAdapter(adapter, "00:11:22:33:44:55");
  const answerers = new Map<string, (bytes: Buffer) => void>();
  bluez.answer("WriteValue", ({ path = "", body }) => {
    for (const [device, answer] of answerers) if (path.startsWith(`${device}/`)) answer(body?.[0] as Buffer);
    return {};
  });
  const packs = new Map<string, Pack>();
  void advertiseAgain(bluez, packs);
  return {
    busAddress: bluez.bus.address,
    addPack(latencyMs) {
      packsOfAll += 1;
      const address = addressOf(packsOfAll % 256);
      const { path, answer, pack } = servePack(bluez, adapter, address, latencyMs);
      answerers.set(path, answer);
      packs.set(path, pack);
      return pack;
    },
  };
}

/** After the beginning of a scan, ms. A scripted device advertises once, and a real one goes on. */
const ADVERTISED_AFTER_MS = [20, 100, 300, 1_000, 3_000];

async function advertiseAgain(bluez: ScriptedBluez, packs: ReadonlyMap<string, Pack>): Promise<never> {
  for (;;) {
    await bluez.called("StartDiscovery");
    for (const ms of ADVERTISED_AFTER_MS) {
      const receive = () => {
        for (const [path, { exchanges }] of packs) if (exchanges.length === 0) bluez.receive(path);
      };
      setTimeout(receive, ms).unref();
    }
  }
}

export function addressOf(number: number): Address {
  const hex = (process.pid % 0x1_00_00).toString(16).padStart(4, "0") + number.toString(16).padStart(2, "0");
  return `A4:C1:37:${hex.match(/../g)?.join(":")}`.toUpperCase() as Address;
}

export function fourCells(): JbdPreset {
  const preset = JBD_PRESETS.get(4);
  if (!preset) throw new Error("the simulator has no pack of four cells");
  return preset;
}

function servePack(bluez: ScriptedBluez, adapter: string, address: Address, latencyMs: number | undefined) {
  const battery = jbdBattery({ address, preset: fourCells(), seed: "1", ageMs: 0, latencyMs }, systemClock);
  const exchanges: Exchange[] = [];
  let disturbance: Disturbance | undefined;
  const gatt = { ff00: { [JBD_NOTIFY]: Buffer.alloc(0), [JBD_WRITE]: Buffer.alloc(0) } };
  const path = bluez.advertise({ address, name: battery.name, gatt }, adapter);

  function answer(bytes: Buffer) {
    const request = { kind: "write", characteristic: JBD_WRITE, bytes } as const;
    const reply = battery.answer(request);
    if (!reply) return;
    const register = battery.registerOf(request);
    const exchange: Exchange = { register, requestedAt: performance.now() };
    exchanges.push(exchange);
    const whole = Array.from({ length: Math.ceil(reply.bytes.length / PIECE) }, (_, i) =>
      reply.bytes.subarray(i * PIECE, (i + 1) * PIECE),
    );
    const pieces = disturbance?.(whole, register) ?? whole;
    const send = () => {
      for (const piece of pieces) bluez.notify(path, JBD_NOTIFY, piece);
      if (pieces.length > 0) exchange.answeredAt = performance.now();
    };
    if (reply.latencyMs > 0) setTimeout(send, reply.latencyMs);
    else setImmediate(send);
  }
  const pack: Pack = {
    address,
    exchanges,
    disturb: (next) => {
      disturbance = next;
    },
  };
  return { path, answer, pack };
}
