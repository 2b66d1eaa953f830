import type { Clock } from "../common/runtime/clock.ts";
import type { Answer, Battery, Request } from "./battery.ts";
import { type Call, type Delivery, inPieces, type Layer, type LinkHandlers, wholeOf } from "./fault-layer.ts";
import type { Central, GattProperty, PeripheralLink } from "./peripheral.ts";
import { ATTRIBUTE_NOT_FOUND, AttError, LinkEnded, REQUEST_NOT_SUPPORTED } from "./peripheral.ts";

/** A link as its device has it: the central's side, and what the device may do to it. */
export interface DeviceLink extends PeripheralLink {
  /** Gives a layer its part in this link. */
  admit(layer: Layer): void;
  /** Ends a layer's part. */
  dismiss(layer: Layer): void;
  /** Ends the link with an HCI reason, which the central is told. */
  hangUp(reason: number): void;
}

export interface DeviceLinkDeps {
  readonly battery: Battery;
  readonly clock: Clock;
  readonly random: () => number;
  /** The newest first, as they stand at each moment. */
  layers(): readonly Layer[];
  /** An answer, or as much of it as there was, has been handed out. */
  onHandedOut(call: Call, delivery: Delivery, spoiledBy: string | undefined): void;
  onEnd(): void;
}

export function createDeviceLink(central: Central, surroundings: DeviceLinkDeps): DeviceLink {
  const { battery, clock, random, layers } = surroundings;
  const ended = new AbortController();
  const subscribed = new Set<string>();
  const readers = new Map<Call, { resolve(value: Uint8Array): void; reject(error: Error): void }>();
  const parts = new Map<Layer, { readonly part: LinkHandlers; readonly over: AbortController }>();

  /** To the next shell within `from`, and at last to the battery. */
  function inward(call: Call, from?: Layer): void {
    const within = layers().slice(from ? layers().indexOf(from) + 1 : 0);
    const next = within.map((layer) => parts.get(layer)?.part).find((part) => part?.request);
    if (next?.request) next.request(call);
    else reply(call, battery.answer(call));
  }

  function reply(call: Call, answer: Answer | undefined): void {
    if (!answer) return;
    const { characteristic, sample, bytes, latencyMs } = answer;
    outward({ call, characteristic, sample, pieces: inPieces(bytes, battery.mtu - 3, latencyMs) });
  }

  /** To the next shell around `from`, and at last to the central. */
  function outward(delivery: Delivery, from?: Layer): void {
    const around = from ? layers().slice(0, Math.max(0, layers().indexOf(from))) : layers();
    const next = around.map((layer) => parts.get(layer)?.part).findLast((part) => part?.answer);
    if (next?.answer) next.answer(delivery);
    else void handOut(delivery);
  }

  async function handOut(delivery: Delivery): Promise<void> {
    const { call } = delivery;
    let missed: string | undefined;
    try {
      missed = await present(delivery);
      if (!ended.signal.aborted) delivery.afterwards?.();
    } catch {
      missed = "link lost";
    }
    if (call?.register) surroundings.onHandedOut(call, delivery, delivery.spoiledBy ?? missed);
  }

  /** Hands out the pieces in their time; tells why nobody got them. Rejects when the link ends meanwhile. */
  async function present(delivery: Delivery): Promise<string | undefined> {
    const { call, characteristic, pieces, error } = delivery;
    const reader = call && readers.get(call);
    for (const [i, { bytes, afterMs }] of pieces.entries()) {
      if (i === 0 || afterMs > 0) await clock.sleep(afterMs, ended.signal);
      if (reader) continue;
      if (!subscribed.has(characteristic)) return "not subscribed";
      central.notified(characteristic, Uint8Array.from(bytes));
    }
    if (!reader || pieces.length === 0) return undefined;
    readers.delete(call);
    if (error) reader.reject(error);
    else reader.resolve(wholeOf(delivery));
    return undefined;
  }

  function end(): boolean {
    if (ended.signal.aborted) return false;
    ended.abort(new LinkEnded("the link has ended"));
    for (const { over } of parts.values()) over.abort(ended.signal.reason);
    for (const reader of readers.values()) reader.reject(ended.signal.reason);
    surroundings.onEnd();
    return true;
  }

  function hangUp(reason: number): void {
    if (end()) void clock.sleep(0).then(() => central.disconnected(reason));
  }

  /** @throws {AttError} */
  function demand(characteristic: string, ...properties: readonly GattProperty[]): void {
    const found = battery.services
      .flatMap((service) => service.characteristics)
      .find(({ uuid }) => uuid === characteristic);
    if (!found) throw new AttError(ATTRIBUTE_NOT_FOUND);
    if (!properties.some((property) => found.properties.includes(property))) throw new AttError(REQUEST_NOT_SUPPORTED);
  }

  const call = (request: Request): Call => ({
    ...request,
    register: battery.registerOf(request),
    askedAt: clock.monotonic(),
  });

  return {
    async read(characteristic) {
      demand(characteristic, "read");
      ended.signal.throwIfAborted();
      const asked = call({ kind: "read", characteristic, bytes: new Uint8Array() });
      return new Promise((resolve, reject) => {
        readers.set(asked, { resolve, reject });
        inward(asked);
      });
    },
    write(characteristic, bytes) {
      demand(characteristic, "write", "writeWithoutResponse");
      if (!ended.signal.aborted) inward(call({ kind: "write", characteristic, bytes: Uint8Array.from(bytes) }));
    },
    subscribe(characteristic, on) {
      demand(characteristic, "notify");
      if (ended.signal.aborted) return;
      if (!on) subscribed.delete(characteristic);
      else if (!subscribed.has(characteristic)) {
        for (const { part } of parts.values()) part.subscribed?.(characteristic);
        subscribed.add(characteristic);
      }
    },
    close: () => void end(),
    hangUp,
    admit(layer) {
      const over = new AbortController();
      const part = layer.onLink?.({
        battery,
        clock,
        random,
        over: over.signal,
        ask: (asked) => inward(asked, layer),
        deliver: (delivery) => outward(delivery, layer),
        hangUp,
      });
      if (part) parts.set(layer, { part, over });
    },
    dismiss(layer) {
      parts.get(layer)?.over.abort();
      parts.delete(layer);
    },
  };
}
