import { FrameError } from "../../agent/codec/frame-error.ts";
import type { SettingsSession } from "../../agent/drivers/device-session.ts";
import { RadioError } from "../../agent/radio/radio.ts";
import type { Sample } from "../../common/model/reading.ts";
import type { PackConnection } from "../../control/settings/pack-link.ts";

export interface PackRequest {
  readonly op: "enter" | "leave" | "commit" | "read" | "write" | "switch";
  readonly register?: number;
}

/**
 * Faults of a request. `lost`: the pack does not receive it. `unanswered`: the pack does it and its answer is lost.
 * `cut`: the link is lost before it, `cut-after`: after it. `ignored`: acknowledged without effect. `refused`: status 80.
 */
export type Fault = "lost" | "unanswered" | "cut" | "cut-after" | "ignored" | "refused";

/** A pack in memory, below the engine and above the frames. What is written counts at once, and outlives a power cut once committed. */
export interface MemoryPack {
  readonly present: Map<number, Uint8Array>;
  readonly stored: ReadonlyMap<number, Uint8Array>;
  readonly requests: readonly PackRequest[];
  isInFactoryMode: boolean;
  /** False while it is out of range. */
  isReachable: boolean;
  sample: Sample;
  /** MOSFETs: those allowed. */
  allowed: { charge: boolean; discharge: boolean };
  /** Asked about every request, which counts from 0. */
  fault: (request: PackRequest, nth: number) => Fault | undefined;
  connect(): Promise<PackConnection>;
  /** The present values are lost; the link as well. */
  cutPower(): void;
}

const silence = () => new RadioError("timeout", "connected, but the device answers no request");
const refused = () => new FrameError("refused", "the pack refused it with status 0x80: it does not know this register");

export function memoryPack(registers: Readonly<Record<number, readonly number[]>>): MemoryPack {
  const all = Object.entries(registers).map(([register, data]) => [Number(register), Uint8Array.from(data)] as const);
  let stored = new Map<number, Uint8Array>(all);
  const requests: PackRequest[] = [];
  let lost = new AbortController();
  const cut = () => lost.abort(new RadioError("disconnected", "the link was lost"));

  /** Does `effect` unless a fault prevents it. */
  async function exchange<T>(request: PackRequest, effect: (isIgnored: boolean) => T): Promise<T> {
    if (lost.signal.aborted) throw lost.signal.reason;
    const fault = pack.fault(request, requests.length);
    requests.push(request);
    if (fault === "cut") cut();
    if (fault === "refused") throw refused();
    if (fault === "lost") throw silence();
    if (lost.signal.aborted) throw lost.signal.reason;
    const result = effect(fault === "ignored");
    if (fault === "cut-after") cut();
    if (lost.signal.aborted) throw lost.signal.reason;
    if (fault === "unanswered") throw silence();
    return result;
  }

  const settings: SettingsSession = {
    enter: () =>
      exchange({ op: "enter" }, (isIgnored) => {
        if (!isIgnored) pack.isInFactoryMode = true;
      }),
    leave: ({ commit }) =>
      exchange({ op: commit ? "commit" : "leave" }, (isIgnored) => {
        if (isIgnored) return;
        if (commit && pack.isInFactoryMode) stored = new Map(pack.present);
        pack.isInFactoryMode = false;
      }),
    read: (register) =>
      exchange({ op: "read", register }, () => {
        const data = pack.present.get(register);
        const isOpen = register < 0x10 || register === 0xaa;
        if (!data || !(isOpen || pack.isInFactoryMode)) throw refused();
        return data.slice();
      }),
    write: (register, data) =>
      exchange({ op: "write", register }, (isIgnored) => {
        if (!pack.isInFactoryMode) throw refused();
        if (!isIgnored) pack.present.set(register, data.slice());
      }),
    switchMosfets: (allowed) =>
      exchange({ op: "switch" }, (isIgnored) => {
        if (!isIgnored) pack.allowed = { ...allowed };
      }),
  };

  const pack: MemoryPack = {
    present: new Map<number, Uint8Array>(all),
    get stored() {
      return stored;
    },
    requests,
    isInFactoryMode: false,
    isReachable: true,
    sample: { amps: 0, protect: 0, fet: 3 },
    allowed: { charge: true, discharge: true },
    fault: () => undefined,
    async connect() {
      if (!pack.isReachable) throw new RadioError("not-found", "the pack was not found; is it switched on?");
      lost = new AbortController();
      return {
        settings,
        poll: async () => ({ ...pack.sample, fet: (pack.allowed.charge ? 1 : 0) | (pack.allowed.discharge ? 2 : 0) }),
        link: { lost: lost.signal },
        close: async () => cut(),
      };
    },
    cutPower() {
      pack.present.clear();
      for (const [register, data] of stored) pack.present.set(register, data);
      pack.isInFactoryMode = false;
      cut();
    },
  };
  return pack;
}
