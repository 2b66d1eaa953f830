import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Description } from "../../agent/drivers/device-session.ts";
import type { Advertisement } from "../../agent/radio/radio.ts";
import type { Address } from "../../common/model/address.ts";
import type { Sample } from "../../common/model/reading.ts";
import { advertisementOf } from "./advertisement.ts";

/**
 * A recorded device: the traffic of one link or one advertisement, and what a driver must make of it.
 * test/fixtures/DRIVER/ holds any number of files with lists of these.
 */
export interface Fixture {
  readonly name: string;
  /** Recorded from hardware, or made by hand; unknown where the publisher does not say. */
  readonly origin: "recorded" | "derived" | "unknown";
  /** Place where it was published, or the person who recorded it, and from which device. */
  readonly source: string;
  readonly about?: string;
  /** `cut`: the publisher gives whole answers, cut here into pieces of 20 bytes. */
  readonly pieces?: "cut";
  readonly services: readonly string[];
  /** Given if the driver needs it. */
  readonly address?: Address;
  /** The PIN that the operator gives. */
  readonly pin?: string;
  /** Makes the contract test check that the driver, and no other, recognises it. */
  readonly advertisement?: RecordedAdvertisement;
  /**
   * `write`, `read`, `notify` or `push`, the characteristic, the bytes in hexadecimal digits: one line each, in order. The
   * device pushes all lines of `push` together, every second from the subscription on. Absent where the advertisement
   * itself holds the values.
   */
  readonly link?: readonly string[];
  readonly expect: Expectation;
}

export interface RecordedAdvertisement {
  /** Empty where the device advertises none. */
  readonly name: string;
  /** Payload in hexadecimal digits by company identifier in decimal ones. */
  readonly manufacturerData: Readonly<Record<string, string>>;
}

export interface Expectation {
  /** The first poll's, or the advertisement's. */
  readonly sample?: Sample;
  readonly description?: Description;
  /** The fault of the FrameError or RadioError that opening, the first poll or decoding ends with. */
  readonly error?: string;
}

export const FIXTURES = join(import.meta.dirname, "../fixtures");

/** Every fixture of a driver. */
export function fixturesOf(driver: string): Fixture[] {
  const folder = join(FIXTURES, driver);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Fixture[]);
}

const DEFAULT_ADDRESS = "A4:C1:37:00:00:01";

/** The advertisement as a radio reports it; undefined where the fixture has none. */
export function recordedAdvertisement({ advertisement, address, services }: Fixture): Advertisement | undefined {
  if (!advertisement) return undefined;
  const manufacturerData = new Map(
    Object.entries(advertisement.manufacturerData).map(([company, hex]) => [
      Number(company),
      Uint8Array.from(Buffer.from(hex, "hex")),
    ]),
  );
  return advertisementOf(address ?? DEFAULT_ADDRESS, { name: advertisement.name, services, manufacturerData });
}

/** Traffic that followed one request on the link. */
export interface Exchange {
  readonly op: "subscribe" | "write" | "read" | "push";
  /** Empty for what came before any request. */
  readonly characteristic: string;
  /** The bytes that were written. */
  readonly bytes: Uint8Array;
  /** Notifications after a write or without a request, the value of a read. */
  readonly answers: readonly Uint8Array[];
}

/** The lines of a link as exchanges, in order; notifications before any request belong to the subscription. */
export function exchangesOf({ link = [], name }: Pick<Fixture, "link" | "name">): readonly Exchange[] {
  const exchanges: (Exchange & { answers: Uint8Array[] })[] = [];
  const begin = (op: Exchange["op"], characteristic: string, bytes: Uint8Array, answers: Uint8Array[]) =>
    exchanges.push({ op, characteristic, bytes, answers });
  for (const line of link) {
    const [op, characteristic = "", hex = ""] = line.split(" ");
    const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
    if (op === "write") begin("write", characteristic, bytes, []);
    else if (op === "read") begin("read", characteristic, new Uint8Array(), [bytes]);
    else if (op === "push") {
      if (!exchanges.some((exchange) => exchange.op === "push")) begin("push", characteristic, new Uint8Array(), []);
      exchanges.find((exchange) => exchange.op === "push")?.answers.push(bytes);
    } else if (op === "notify") {
      if (exchanges.length === 0) begin("subscribe", characteristic, new Uint8Array(), []);
      exchanges.at(-1)?.answers.push(bytes);
    } else throw new Error(`${name}: a line must begin with write, read, notify or push: ${line}`);
  }
  return exchanges;
}
