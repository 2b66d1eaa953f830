import { changeAnswers, type FaultKind, spoiled, stopRequests, withoutPiece } from "./fault.ts";

/** Faults that lose requests, answers, or pieces of answers. */
export const LOSSES = {
  silence: {
    about: "requests reach the battery, and it does not answer",
    settings: {},
    make: (_, trigger) => stopRequests(trigger),
  },
  "lose-request": {
    about: "a request does not reach the battery",
    settings: {},
    make: (_, trigger) => stopRequests(trigger),
  },
  "lose-answer": {
    about: "no piece of an answer arrives",
    settings: {},
    make: (_, trigger) => changeAnswers(trigger, (reply) => spoiled(reply, "lose-answer", [])),
  },
  "lose-first": {
    about: "the first piece of an answer does not arrive",
    settings: {},
    make: (_, trigger) =>
      changeAnswers(trigger, (reply) => spoiled(reply, "lose-first", withoutPiece(reply.pieces, 0))),
  },
  "lose-last": {
    about: "the last piece of an answer does not arrive",
    settings: {},
    make: (_, trigger) =>
      changeAnswers(trigger, (reply) =>
        spoiled(reply, "lose-last", withoutPiece(reply.pieces, reply.pieces.length - 1)),
      ),
  },
  "lose-piece": {
    about: "the nth piece of an answer does not arrive; 0 is any",
    settings: { n: 0 },
    make: (settings, trigger) =>
      changeAnswers(trigger, (reply, link) => {
        const count = reply.pieces.length;
        const lost = settings.number("n") || Math.floor(link.random() * count) + 1;
        return lost > count ? reply : spoiled(reply, "lose-piece", withoutPiece(reply.pieces, lost - 1));
      }),
  },
  "first-lost": {
    about: "the first request of each link only wakes the battery up and is not answered",
    settings: {},
    make: (_, trigger) => ({
      onLink(link) {
        let isAwake = false;
        return {
          request(request) {
            if (!isAwake && trigger(request.register)) isAwake = true;
            else link.forward(request);
          },
        };
      },
    }),
  },
} as const satisfies Record<string, FaultKind>;
