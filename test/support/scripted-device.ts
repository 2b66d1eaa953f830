import { FrameError } from "../../agent/codec/frame-error.ts";
import type { DeviceSession } from "../../agent/drivers/device-session.ts";
import type { Driver } from "../../agent/drivers/driver.ts";
import { type Radio, RadioError } from "../../agent/radio/radio.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import { characteristic } from "./characteristic.ts";
import { type Script, type ScriptedLink, scriptedLink } from "./scripted-link.ts";

export const ADDRESS = "A4:C1:37:00:00:01";

/**
 * A device on a clock, whose behaviour a test changes while it runs. Reading `fff1` answers 1, 2, 3 … after `latencyMs`;
 * a write to `fff2` is notified back on `fff1`, `echoes` times.
 */
export interface ScriptedDevice {
  readonly radio: Radio;
  services: string[];
  rssi: number | undefined;
  inRange: boolean;
  /** While true a connect neither settles nor observes its signal; afterwards it succeeds. */
  connectHangs: boolean;
  latencyMs: number;
  /** Never answers a read while true. */
  readHangs: boolean;
  echoes: number;
  /** Moments on the monotonic clock. */
  readonly connectedAt: number[];
  readonly requestedAt: number[];
  readonly closedAt: number[];
  /** Cuts the link, as a device that goes out of range. */
  cut(): void;
  /** Cuts the link 20 ms after the next request. */
  cutAtNextRequest(): void;
}

export function createScriptedDevice(clock: Clock): ScriptedDevice {
  let link: ScriptedLink | undefined;
  let answers = 0;
  let isCutDue = false;
  const script: Script = ({ op, bytes }) => {
    if (op === "subscribe") return [];
    device.requestedAt.push(clock.monotonic());
    if (isCutDue) void clock.sleep(20).then(() => device.cut());
    isCutDue = false;
    if (op === "read") return [{ afterMs: device.readHangs ? "never" : device.latencyMs, bytes }];
    return Array.from({ length: device.echoes }, (_, i) => ({ afterMs: device.latencyMs * (i + 1), bytes }));
  };
  const device: ScriptedDevice = {
    services: ["fff0"],
    rssi: undefined,
    inRange: true,
    connectHangs: false,
    latencyMs: 100,
    readHangs: false,
    echoes: 1,
    connectedAt: [],
    requestedAt: [],
    closedAt: [],
    cut: () => link?.cut(),
    cutAtNextRequest() {
      isCutDue = true;
    },
    radio: {
      async *scan() {},
      async *listen() {},
      async connect(address, signal) {
        if (!device.connectHangs) await clock.sleep(50, signal);
        while (device.connectHangs) await clock.sleep(1_000);
        if (!device.inRange) throw new RadioError("not-found", `${address} was not found; is it switched on?`);
        device.connectedAt.push(clock.monotonic());
        const scripted = scriptedLink({ address, services: device.services }, script, clock);
        link = scripted;
        return {
          ...scripted,
          get rssi() {
            return device.rssi;
          },
          async read(at) {
            await scripted.read(at);
            answers += 1;
            return Uint8Array.of(answers);
          },
          async close() {
            device.closedAt.push(clock.monotonic());
          },
        };
      },
      close: async () => {},
    },
  };
  return device;
}

/** Reads `fff1` and takes the byte for volts. */
export function scriptedDriver(
  overrides: {
    name?: string;
    service?: string;
    poll?: DeviceSession["poll"];
    keepAlive?: DeviceSession["keepAlive"];
  } = {},
): Driver {
  const { name = "scripted", service = "fff0", poll, keepAlive } = overrides;
  return {
    name,
    about: "a device of the tests",
    identify: [{ confidence: "possible", services: [service] }],
    open: async (link) => ({
      poll: poll ?? (async () => ({ volts: (await link.read(characteristic("fff0", "fff1")))[0] ?? Number.NaN })),
      describe: async () => ({ model: "Scripted 1", cells: 4 }),
      ...(keepAlive && { keepAlive }),
    }),
  };
}

export const badFrame = () => new FrameError("checksum", "the sum is 1234, not 1235");
