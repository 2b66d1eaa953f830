import { FrameError } from "../../agent/codec/frame-error.ts";
import type { Driver } from "../../agent/drivers/driver.ts";
import { type Link, RadioError } from "../../agent/radio/radio.ts";

/** A link without time: what is asked is answered at once or never, and never takes no time either. */
export interface InstantLink extends Link {
  /** Answers the first equal request from now on; undefined is silence. */
  answer: (request: string) => Uint8Array | undefined;
}

export function instantLink(services: readonly string[]): InstantLink {
  const arrived: Uint8Array[] = [];
  const link: InstantLink = {
    answer: () => undefined,
    address: "A4:C1:37:00:00:01",
    addressType: "public",
    services,
    rssi: undefined,
    lost: new AbortController().signal,
    async read(characteristic) {
      const value = link.answer(characteristic);
      if (!value) throw new RadioError("timeout", "the read was not answered");
      return value;
    },
    async write(_characteristic, bytes) {
      const answer = link.answer(Buffer.from(bytes).toString("hex"));
      if (answer) arrived.push(answer);
    },
    subscribe: async () => ({ next: async () => arrived.shift() }),
    close: async () => {},
  };
  return link;
}

/** What a driver tells in a session on the link; undefined where it refuses as it may. */
export async function told<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof FrameError || error instanceof RadioError) return undefined;
    throw error;
  }
}

export async function opened(driver: Pick<Required<Driver>, "open">, services: readonly string[]) {
  const link = instantLink(services);
  return { link, session: await driver.open(link, {}) };
}
