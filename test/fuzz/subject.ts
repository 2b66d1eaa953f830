import { FrameError } from "../../agent/codec/frame-error.ts";
import type { Driver } from "../../agent/drivers/driver.ts";
import { type Link, RadioError } from "../../agent/radio/radio.ts";
import type { Random } from "./mutation.ts";

/** One kind of answer that is fuzzed. */
export interface Subject {
  readonly name: string;
  /** A valid answer: a published one, or a generated one of any form. */
  valid(random: Random): readonly number[];
  /** The bytes with length, checksum and dependent fields made consistent again, as far as they have a place for them. */
  repaired(bytes: readonly number[], random: Random): readonly number[];
  /** The driver's result; undefined where it refuses the bytes. Any other error it throws is a crash. */
  driver(bytes: Uint8Array): Promise<unknown>;
  /** The reference decoder's result; undefined where the bytes must be refused. */
  reference(bytes: readonly number[]): unknown;
}

/**
 * A link that takes no time: a request is answered at once or never, and a timeout is immediate. The scripted link of
 * test/support keeps a virtual clock instead, which a million frames cannot afford.
 */
export interface InstantLink extends Link {
  /** Answer to a request (the written bytes in hexadecimal, or the UUID that is read); undefined is silence. */
  answer: (request: string) => Uint8Array | undefined;
}

/** A driver's session on an instant link. */
export async function openInstantly(driver: Pick<Required<Driver>, "open">, services: readonly string[]) {
  const link = instantLink(services);
  return { link, session: await driver.open(link, {}) };
}

function instantLink(services: readonly string[]): InstantLink {
  const arrived: Uint8Array[] = [];
  const link: InstantLink = {
    answer: () => undefined,
    address: "A4:C1:37:00:00:01",
    addressType: "public",
    services,
    advertisement: undefined,
    rssi: undefined,
    lost: new AbortController().signal,
    async read({ characteristic }) {
      const value = link.answer(characteristic);
      if (!value) throw new RadioError("timeout", "the read was not answered");
      return value;
    },
    async write(_characteristic, bytes) {
      const answer = link.answer(Buffer.from(bytes).toString("hex"));
      if (answer) arrived.push(answer);
    },
    subscribe: async () => ({
      next: async () => arrived.shift(),
      clear() {
        arrived.length = 0;
      },
    }),
    close: async () => {},
  };
  return link;
}

/** A driver's result; undefined where it refuses with one of the two errors that it may throw. */
export async function unlessRefused<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof FrameError || error instanceof RadioError) return undefined;
    throw error;
  }
}
