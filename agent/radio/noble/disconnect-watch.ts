import type { Peripheral } from "@abandonware/noble";
import { type Clock, withDeadline } from "../../../common/runtime/clock.ts";
import { linkLost } from "../link-loss.ts";
import { RadioError } from "../radio.ts";
import { addressOf } from "./names.ts";

/** Detects the loss of a link, from before the link is made. */
export interface DisconnectWatch {
  /** Aborts with a RadioError once the link has ended, from either side. */
  readonly lost: AbortSignal;
  /**
   * Releases the device, whether it is connected, still connecting, or gone. Waits until the end of a connection is
   * confirmed, for `disconnectMs` at most. Never throws.
   */
  close(): Promise<void>;
}

/** `powered` aborts with a RadioError when the adapter is lost, which ends links without a further event from noble. */
export function watchDisconnect(
  peripheral: Peripheral,
  powered: AbortSignal,
  clock: Clock,
  disconnectMs: number,
): DisconnectWatch {
  const lost = new AbortController();
  const gone = new Promise<void>((resolve) => lost.signal.addEventListener("abort", () => resolve(), { once: true }));
  let closed: Promise<void> | undefined;

  const end = (reason: unknown) => {
    powered.removeEventListener("abort", onPowerLoss);
    peripheral.removeListener("disconnect", onDisconnect);
    lost.abort(reason);
  };
  const onPowerLoss = () => {
    peripheral.state = "disconnected";
    end(powered.reason);
  };
  const onDisconnect = (reason: unknown) => {
    end(closed === undefined ? lossOf(peripheral, reason) : disconnected(peripheral, "the link was closed"));
  };

  peripheral.removeListener("connect", disconnectAtOnce);
  peripheral.on("disconnect", onDisconnect);
  powered.addEventListener("abort", onPowerLoss, { once: true });
  if (powered.aborted) onPowerLoss();

  async function close(): Promise<void> {
    if (lost.signal.aborted) return;
    if (peripheral.state !== "connected") {
      abandon(peripheral);
      end(disconnected(peripheral, "the attempt was cancelled"));
      return;
    }
    peripheral.disconnect();
    const late = () => new RadioError("timeout", `${addressOf(peripheral.id)}: the end of the link was not confirmed`);
    await withDeadline(clock, disconnectMs, gone, late).catch(end);
  }

  return {
    lost: lost.signal,
    close() {
      closed ??= close();
      return closed;
    },
  };
}

/** Cancels the attempt to connect. A connection that is made all the same would keep the device from all others. */
function abandon(peripheral: Peripheral): void {
  peripheral.cancelConnect();
  peripheral.on("connect", disconnectAtOnce);
}

function disconnectAtOnce(this: Peripheral, error: unknown): void {
  if (!error) this.disconnect();
}

function disconnected(peripheral: Peripheral, why: string): RadioError {
  return new RadioError("disconnected", `${addressOf(peripheral.id)}: ${why}`);
}

/** The reason of a `disconnect` event is a RadioError, HCI's number, or a string. */
function lossOf(peripheral: Peripheral, reason: unknown): RadioError {
  if (reason instanceof RadioError) return reason;
  if (typeof reason === "string" && reason) return disconnected(peripheral, `link lost (${reason})`);
  return linkLost(addressOf(peripheral.id), typeof reason === "number" ? reason : undefined);
}
