import type { Receiver } from "../intake/zeromq-server.ts";

/** One receiver of several. A byte in front of each route is the number of the receiver that a reply takes. */
export function joinReceivers(receivers: readonly Receiver[]): Receiver {
  return {
    async listen(receive) {
      for (const [number, receiver] of receivers.entries()) {
        await receiver.listen((route, message, host) =>
          receive(Buffer.concat([Uint8Array.of(number), route]), message, host),
        );
      }
    },
    reply(route, message) {
      const [number = 0] = route;
      receivers[number]?.reply(route.subarray(1), message);
    },
    async close() {
      for (const receiver of receivers) await receiver.close();
    },
  };
}
