// The other end of an agent: takes its readings, with the moment of each, and acknowledges them at once.
import { Router } from "zeromq";
import type { Reading } from "../../../common/model/reading.ts";
import { toReading } from "../../../common/model/row.ts";
import { decodeDelivery, encodeAcknowledgement } from "../../../common/wire/messages.ts";
import { receiveAll } from "../../../common/wire/zeromq.ts";
import type { Bench } from "../question.ts";

export interface Collected {
  readonly reading: Reading;
  /** By performance.now(). */
  readonly at: number;
}

const EPOCH = "00112233445566ff";

/** Calls the listener with each reading, once it is acknowledged. */
export async function collect(
  bench: Pick<Bench, "after">,
  endpoint: string,
  onReading: (collected: Collected) => void,
): Promise<void> {
  const socket = new Router({ linger: 0 });
  bench.after(() => socket.close());
  await socket.bind(endpoint);
  void receiveAll(socket, async (...frames) => {
    const at = performance.now();
    const [identity, message] = frames;
    if (!identity || !message) return;
    const { origin, from, after, readings } = decodeDelivery(message);
    const last = readings.at(-1)?.seq ?? Math.max(after, from - 1);
    const state = { epoch: EPOCH, run: origin.run, credit: last, accepted: last, settled: last };
    await socket.send([identity, encodeAcknowledgement(state)] as never);
    for (const row of readings) onReading({ reading: toReading(row), at });
  });
}
