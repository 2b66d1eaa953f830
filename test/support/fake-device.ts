import { FrameError } from "../../agent/codec/frame-error.ts";
import type { DeviceSession } from "../../agent/drivers/device-session.ts";
import type { Driver } from "../../agent/drivers/driver.ts";
import { createNotificationQueue, type NotificationQueue } from "../../agent/radio/notification-queue.ts";
import { type Link, type Radio, RadioError } from "../../agent/radio/radio.ts";
import type { Clock } from "../../common/runtime/clock.ts";
import { characteristic } from "./characteristic.ts";

export const ADDRESS = "A4:C1:37:00:00:01";

/**
 * A device on a clock, whose behaviour a test changes while it runs. Reading `fff1` answers 1, 2, 3 … after `latencyMs`;
 * a write to `fff2` is notified back on `fff1` as often as `echoes` says.
 */
export interface FakeDevice {
  readonly radio: Radio;
  services: string[];
  rssi: number | undefined;
  inRange: boolean;
  /** While true a connect does not settle, nor listen to its signal; afterwards it succeeds. */
  connectHangs: boolean;
  latencyMs: number;
  /** Never answers a read while true. */
  readHangs: boolean;
  echoes: number;
  /** Moments on the monotonic clock. */
  readonly connectedAt: number[];
  readonly askedAt: number[];
  readonly closedAt: number[];
  /** Cuts the link, as a device that goes out of range. */
  cut(): void;
  /** The same, a moment after it was asked the next time. */
  cutAtNextQuestion(): void;
}

export function createFakeDevice(clock: Clock): FakeDevice {
  let drop: ((why: RadioError) => void) | undefined;
  let answers = 0;
  let cutWhenAsked = false;
  function asked() {
    device.askedAt.push(clock.monotonic());
    if (cutWhenAsked) void clock.sleep(20).then(() => device.cut());
    cutWhenAsked = false;
  }
  const device: FakeDevice = {
    services: ["fff0"],
    rssi: undefined,
    inRange: true,
    connectHangs: false,
    latencyMs: 100,
    readHangs: false,
    echoes: 1,
    connectedAt: [],
    askedAt: [],
    closedAt: [],
    cut: () => drop?.(new RadioError("disconnected", "the device went out of range")),
    cutAtNextQuestion() {
      cutWhenAsked = true;
    },
    radio: {
      async *scan() {},
      async connect(_to, signal) {
        if (!device.connectHangs) await clock.sleep(50, signal);
        while (device.connectHangs) await clock.sleep(1_000);
        if (!device.inRange) throw new RadioError("not-found", `${ADDRESS} was not heard; is it switched on?`);
        device.connectedAt.push(clock.monotonic());
        return link();
      },
      close: async () => {},
    },
  };
  function link(): Link {
    const lost = new AbortController();
    const queues = new Map<string, NotificationQueue>();
    drop = (why) => {
      lost.abort(why);
      for (const queue of queues.values()) queue.end(why);
    };
    return {
      address: ADDRESS,
      addressType: "public",
      services: device.services,
      advertisement: undefined,
      get rssi() {
        return device.rssi;
      },
      lost: lost.signal,
      async read() {
        asked();
        await clock.sleep(device.latencyMs);
        if (device.readHangs) return new Promise(() => {});
        if (lost.signal.aborted) throw lost.signal.reason;
        answers += 1;
        return Uint8Array.of(answers);
      },
      async write(_characteristic, bytes) {
        asked();
        const queue = queues.get("fff1");
        for (let echo = 1; echo <= device.echoes; echo += 1) {
          void clock.sleep(device.latencyMs * echo).then(() => queue?.push(bytes));
        }
      },
      async subscribe({ characteristic }) {
        const queue = createNotificationQueue(clock);
        queues.set(characteristic, queue);
        return queue;
      },
      async close() {
        device.closedAt.push(clock.monotonic());
      },
    };
  }
  return device;
}

/** Reads `fff1` and takes the byte for volts; `answer` may replace what a poll does. */
export function fakeDriver(
  overrides: {
    name?: string;
    service?: string;
    poll?: DeviceSession["poll"];
    keepAlive?: DeviceSession["keepAlive"];
  } = {},
): Driver {
  const { name = "fake", service = "fff0", poll, keepAlive } = overrides;
  return {
    name,
    about: "a device of the tests",
    identify: [{ confidence: "possible", services: [service] }],
    open: async (link) => ({
      poll: poll ?? (async () => ({ volts: (await link.read(characteristic("fff0", "fff1")))[0] ?? Number.NaN })),
      describe: async () => ({ model: "Fake 1", cells: 4 }),
      ...(keepAlive && { keepAlive }),
    }),
  };
}

export const badFrame = () => new FrameError("checksum", "the sum is 1234, not 1235");
