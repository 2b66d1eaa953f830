import { connect, type Socket } from "node:net";
import { type Claim, claim, claimPath } from "../../../common/runtime/process-lock.ts";

/**
 * The processes of this machine that use a thing, each with a word about how it fares that the others can ask for. A
 * place on the roll is a claim: the kernel frees it when its holder dies in any way.
 */
export interface Place {
  leave(): Promise<void>;
}

/** More processes than this on one thing find no place. */
const PLACES = 64;
/** A living process answers within this time. */
const ANSWER_MS = 1_000;
const LONGEST_WORD = 100;

const placeName = (thing: string, place: number) => `place ${place} on the roll of ${thing}`;

/** Whoever reads the roll gets what `word` says at that moment: a short line. @throws {Error} when no place is left */
export async function joinRoll(thing: string, word: () => string): Promise<Place> {
  const answer = (visitor: Socket) => void visitor.on("error", () => {}).end(word(), () => visitor.destroy());
  for (let place = 0; place < PLACES; place++) {
    const claimed: Claim | undefined = await claim(placeName(thing, place), answer);
    if (claimed) return { leave: claimed.release };
  }
  throw new Error(`${PLACES} processes use ${thing} already`);
}

/** What each process on the roll says; undefined for one that is frozen and says nothing. */
export async function readRoll(thing: string, answerMs = ANSWER_MS): Promise<(string | undefined)[]> {
  const places = Array.from({ length: PLACES }, (_, place) => ask(claimPath(placeName(thing, place)), answerMs));
  return (await Promise.all(places)).flatMap((place) => (place ? [place.word] : []));
}

/** Undefined where nobody has the place. */
function ask(path: string, answerMs: number): Promise<{ readonly word: string | undefined } | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    let word = "";
    let timer: NodeJS.Timeout | undefined;
    const settle = (outcome: { readonly word: string | undefined } | undefined) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    socket.setEncoding("utf8");
    socket.once("connect", () => {
      timer = setTimeout(() => settle({ word: undefined }), answerMs);
    });
    socket.on("data", (piece: string) => {
      word = (word + piece).slice(0, LONGEST_WORD);
    });
    socket.on("error", () => {});
    socket.once("close", () => settle(timer && { word }));
  });
}
