import type { Peripheral } from "@abandonware/noble";
import { type Clock, withDeadline } from "../../../common/runtime/clock.ts";
import { RadioError } from "../radio.ts";
import { addressOf } from "./names.ts";

/** Watches for the loss of a link from before the link is made. */
export interface LinkWatch {
  /** Aborts with a RadioError once the link is gone, by whomever. */
  readonly lost: AbortSignal;
  /**
   * Gives the device back, whether it is connected, still connecting, or gone. Waits until the end of a connection is
   * confirmed, or `disconnectMs`. Never throws.
   */
  close(): Promise<void>;
}

/** `powered` aborts with a RadioError when the adapter goes, which ends links without any further word from noble. */
export function watchLink(peripheral: Peripheral, powered: AbortSignal, clock: Clock, disconnectMs: number): LinkWatch {
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
    const what = closed !== undefined ? "the link was closed" : inWords(reason);
    const isExplained = closed === undefined && reason instanceof RadioError;
    end(isExplained ? reason : new RadioError("disconnected", `${addressOf(peripheral.id)}: ${what}`));
  };

  peripheral.removeListener("connect", disconnectAtOnce);
  peripheral.on("disconnect", onDisconnect);
  powered.addEventListener("abort", onPowerLoss, { once: true });
  if (powered.aborted) onPowerLoss();

  async function close(): Promise<void> {
    if (lost.signal.aborted) return;
    if (peripheral.state !== "connected") {
      abandon(peripheral);
      end(new RadioError("disconnected", `${addressOf(peripheral.id)}: given up`));
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

/** Ends the try to connect. A connection that comes all the same would keep the device from everybody else. */
function abandon(peripheral: Peripheral): void {
  peripheral.cancelConnect();
  peripheral.on("connect", disconnectAtOnce);
}

function disconnectAtOnce(this: Peripheral, error: unknown): void {
  if (!error) this.disconnect();
}

/** HCI's reasons (Bluetooth Core Specification, volume 1, part F); bindings may know none, or only a word. */
const REASONS: Readonly<Record<number, string>> = {
  8: "link lost: out of range, or its power failed",
  19: "the device ended the link",
  20: "the device ended the link: it is short of resources",
  21: "the device ended the link: it switches off",
  22: "the link was ended on this computer",
  62: "the connection failed as soon as it was made: at the edge of range?",
};

function inWords(reason: unknown): string {
  if (typeof reason === "string" && reason) return `link lost (${reason})`;
  if (typeof reason !== "number") return "link lost";
  return REASONS[reason] ?? `link lost (reason 0x${reason.toString(16)})`;
}
