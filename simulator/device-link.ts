import type { Clock } from "../common/runtime/clock.ts";
import type { Answer, Battery, Request, StreamRecord } from "./battery.ts";
import {
  type FaultLayer,
  type IssuedRequest,
  inPieces,
  type LinkHandlers,
  type Transmission,
  wholeOf,
} from "./fault-layer.ts";
import type { CentralHandlers, GattProperty, PeripheralLink } from "./peripheral.ts";
import { ATTRIBUTE_NOT_FOUND, AttError, LinkEnded, REQUEST_NOT_SUPPORTED } from "./peripheral.ts";

/** A link as seen by its device: the central's operations, and the device's own. */
export interface DeviceLink extends PeripheralLink {
  /** Attaches a fault layer to this link. */
  add(layer: FaultLayer): void;
  /** Detaches a fault layer. */
  remove(layer: FaultLayer): void;
  /** Ends the link with an HCI reason, which is reported to the central. */
  disconnect(reason: number): void;
}

export interface DeviceLinkDeps {
  readonly battery: Battery;
  readonly clock: Clock;
  readonly random: () => number;
  /** Fault layers at this moment, newest first. */
  layers(): readonly FaultLayer[];
  /** The central has sent a request. */
  onIssued(request: IssuedRequest): void;
  /** An answer, or the part of it that was left, has been sent. */
  onAnswered(request: IssuedRequest, transmission: Transmission, spoiledBy: string | undefined): void;
  onEnd(): void;
}

const NOTHING = new Uint8Array();

export function createDeviceLink(central: CentralHandlers, deps: DeviceLinkDeps): DeviceLink {
  const { battery, clock, random, layers } = deps;
  const ended = new AbortController();
  const subscribed = new Set<string>();
  const readers = new Map<IssuedRequest, { resolve(value: Uint8Array): void; reject(error: Error): void }>();
  const attached = new Map<FaultLayer, { readonly handlers: LinkHandlers; readonly over: AbortController }>();

  const stream = battery.openStream?.({ send: push, ended: ended.signal });

  /** Passes a request to the next layer inside `from`, and at last to the battery. */
  function inward(request: IssuedRequest, from?: FaultLayer): void {
    const within = layers().slice(from ? layers().indexOf(from) + 1 : 0);
    const next = within.map((layer) => attached.get(layer)?.handlers).find((handlers) => handlers?.request);
    if (next?.request) {
      next.request(request);
      return;
    }
    stream?.requested?.(request);
    reply(request, battery.answer(request));
  }

  function reply(request: IssuedRequest, answer: Answer | undefined): void {
    if (!answer) return;
    const { characteristic, sample, bytes, latencyMs } = answer;
    outward({ request, characteristic, sample, pieces: inPieces(bytes, battery.mtu - 3, latencyMs) });
  }

  function push({ register, ...record }: StreamRecord): void {
    if (ended.signal.aborted) return;
    const { characteristic } = record;
    reply({ kind: "push", characteristic, bytes: NOTHING, register, issuedAt: clock.monotonic() }, record);
  }

  /** Passes an answer to the next layer outside `from`, and at last to the central. */
  function outward(transmission: Transmission, from?: FaultLayer): void {
    const around = from ? layers().slice(0, Math.max(0, layers().indexOf(from))) : layers();
    const next = around.map((layer) => attached.get(layer)?.handlers).findLast((handlers) => handlers?.answer);
    if (next?.answer) next.answer(transmission);
    else void sendAnswer(transmission);
  }

  async function sendAnswer(transmission: Transmission): Promise<void> {
    const { request } = transmission;
    let missedBecause: string | undefined;
    try {
      missedBecause = await sendPieces(transmission);
      if (!ended.signal.aborted) transmission.onSent?.();
    } catch {
      missedBecause = "link lost";
    }
    if (request?.register) deps.onAnswered(request, transmission, transmission.spoiledBy ?? missedBecause);
  }

  /** Sends the pieces at their times. Resolves with the reason if no central could receive them; rejects if the link ends. */
  async function sendPieces(transmission: Transmission): Promise<string | undefined> {
    const { request, characteristic, pieces, error } = transmission;
    const reader = request && readers.get(request);
    for (const [i, { bytes, afterMs }] of pieces.entries()) {
      if (i === 0 || afterMs > 0) await clock.sleep(afterMs, ended.signal);
      if (reader) continue;
      if (!subscribed.has(characteristic)) return "not subscribed";
      central.notified(characteristic, Uint8Array.from(bytes));
    }
    if (!reader || pieces.length === 0) return undefined;
    readers.delete(request);
    if (error) reader.reject(error);
    else reader.resolve(wholeOf(transmission));
    return undefined;
  }

  function end(): boolean {
    if (ended.signal.aborted) return false;
    ended.abort(new LinkEnded("the link has ended"));
    for (const { over } of attached.values()) over.abort(ended.signal.reason);
    for (const reader of readers.values()) reader.reject(ended.signal.reason);
    deps.onEnd();
    return true;
  }

  function disconnect(reason: number): void {
    if (end()) void clock.sleep(0).then(() => central.disconnected(reason));
  }

  /** Some devices have several characteristics with the same UUID. @throws {AttError} */
  function requireProperty(characteristic: string, ...properties: readonly GattProperty[]): void {
    const alike = battery.services
      .flatMap((service) => service.characteristics)
      .filter(({ uuid }) => uuid === characteristic);
    if (alike.length === 0) throw new AttError(ATTRIBUTE_NOT_FOUND);
    const offered = alike.flatMap((each) => each.properties);
    if (!properties.some((property) => offered.includes(property))) throw new AttError(REQUEST_NOT_SUPPORTED);
  }

  function issue(request: Request): IssuedRequest {
    const issued = { ...request, register: battery.registerOf(request), issuedAt: clock.monotonic() };
    deps.onIssued(issued);
    return issued;
  }

  return {
    async read(characteristic) {
      requireProperty(characteristic, "read");
      ended.signal.throwIfAborted();
      const issued = issue({ kind: "read", characteristic, bytes: new Uint8Array() });
      return new Promise((resolve, reject) => {
        readers.set(issued, { resolve, reject });
        inward(issued);
      });
    },
    write(characteristic, bytes) {
      requireProperty(characteristic, "write", "writeWithoutResponse");
      if (!ended.signal.aborted) inward(issue({ kind: "write", characteristic, bytes: Uint8Array.from(bytes) }));
    },
    subscribe(characteristic, on) {
      requireProperty(characteristic, "notify");
      if (ended.signal.aborted) return;
      if (subscribed.has(characteristic) === on) return;
      if (on) {
        for (const { handlers } of attached.values()) handlers.subscribed?.(characteristic);
        subscribed.add(characteristic);
      } else subscribed.delete(characteristic);
      stream?.subscribed?.(characteristic, on);
    },
    close: () => void end(),
    disconnect,
    add(layer) {
      const over = new AbortController();
      const handlers = layer.onLink?.({
        battery,
        clock,
        random,
        ended: over.signal,
        forward: (request) => inward(request, layer),
        send: (transmission) => outward(transmission, layer),
        disconnect,
      });
      if (handlers) attached.set(layer, { handlers, over });
    },
    remove(layer) {
      attached.get(layer)?.over.abort();
      attached.delete(layer);
    },
  };
}
