import { changeAnswers, type FaultKind, spoiled, stopRequests, withoutPiece } from "./fault.ts";

/** Something does not arrive. */
export const LOSSES = {
  silence: {
    about: "requests reach the battery, and it does not answer",
    settings: {},
    make: (_, triggers) => stopRequests(triggers),
  },
  "lose-request": {
    about: "a request does not reach the battery",
    settings: {},
    make: (_, triggers) => stopRequests(triggers),
  },
  "lose-answer": {
    about: "no piece of an answer arrives",
    settings: {},
    make: (_, triggers) => changeAnswers(triggers, (reply) => spoiled(reply, "lose-answer", [])),
  },
  "lose-first": {
    about: "the first piece of an answer does not arrive",
    settings: {},
    make: (_, triggers) =>
      changeAnswers(triggers, (reply) => spoiled(reply, "lose-first", withoutPiece(reply.pieces, 0))),
  },
  "lose-last": {
    about: "the last piece of an answer does not arrive",
    settings: {},
    make: (_, triggers) =>
      changeAnswers(triggers, (reply) =>
        spoiled(reply, "lose-last", withoutPiece(reply.pieces, reply.pieces.length - 1)),
      ),
  },
  "lose-piece": {
    about: "the nth piece of an answer does not arrive; 0 is any",
    settings: { n: 0 },
    make: (settings, triggers) =>
      changeAnswers(triggers, (reply, line) => {
        const count = reply.pieces.length;
        const lost = settings.number("n") || Math.floor(line.random() * count) + 1;
        return lost > count ? reply : spoiled(reply, "lose-piece", withoutPiece(reply.pieces, lost - 1));
      }),
  },
  "first-lost": {
    about: "the first request of each link does not reach the battery: it wakes up on it",
    settings: {},
    make: (_, triggers) => ({
      onLink(line) {
        let isAwake = false;
        return {
          request(call) {
            if (!isAwake && triggers(call.register)) isAwake = true;
            else line.ask(call);
          },
        };
      },
    }),
  },
} as const satisfies Record<string, FaultKind>;
