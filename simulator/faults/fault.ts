import {
  type FaultLayer,
  type IssuedRequest,
  inPieces,
  type LinkContext,
  type LinkHandlers,
  type Piece,
  type Transmission,
} from "../fault-layer.ts";

/** A kind of fault: its description, its settings, and how it is made. */
export interface FaultKind {
  readonly about: string;
  /** Default of each setting, which also fixes its type. */
  readonly settings: Readonly<Record<string, number | string>>;
  make(settings: Settings, trigger: Trigger): UnnamedLayer;
}

/** A layer without its specification, which the parser adds. */
export type UnnamedLayer = Omit<FaultLayer, "spec">;

/** Settings by name, checked by the parser. */
export interface Settings {
  number(name: string): number;
  text(name: string): string;
}

/** Settings of every fault that decide when it acts. By default it always does. */
export const TRIGGER_SETTINGS = {
  /** Only for this register, one of its family: `03`, `v1`. */
  register: "",
  /** Not the first N times. */
  skip: 0,
  /** Only the first N times; 0 is without limit. */
  times: 0,
  /** Only every Nth time. */
  every: 1,
  /** Only with this probability. */
  chance: 1,
} as const;

/** Decides whether a fault acts this time. Called once for each opportunity. */
export type Trigger = (register?: string) => boolean;

export function createTrigger(settings: Settings, random: () => number): Trigger {
  const register = settings.text("register");
  const [skip, times] = [settings.number("skip"), settings.number("times")];
  const [every, chance] = [settings.number("every"), settings.number("chance")];
  let opportunities = 0;
  let acted = 0;
  return (requested) => {
    if (register && requested !== register) return false;
    opportunities++;
    if (opportunities <= skip) return false;
    const acts =
      (times === 0 || acted < times) && (opportunities - skip) % every === 0 && (chance >= 1 || random() < chance);
    if (acts) acted++;
    return acts;
  };
}

/** A transmission that answers a request. */
export type Reply = Transmission & { readonly request: IssuedRequest };

/** A fault that changes answers. Unrequested bytes pass. */
export function changeAnswers(
  trigger: Trigger,
  change: (reply: Reply, link: LinkContext) => Transmission | readonly Transmission[],
): UnnamedLayer {
  return onEachLink((link) => ({
    answer(transmission) {
      const { request } = transmission;
      const acts = request !== undefined && trigger(request.register);
      const changed = acts ? change({ ...transmission, request }, link) : transmission;
      for (const each of [changed].flat()) link.send(each);
    },
  }));
}

/** A fault that withholds requests from the battery, and may do something else instead. */
export function stopRequests(
  trigger: Trigger,
  instead: (request: IssuedRequest, link: LinkContext) => void = () => {},
): UnnamedLayer {
  return onEachLink((link) => ({
    request(request) {
      if (trigger(request.register)) instead(request, link);
      else link.forward(request);
    },
  }));
}

/** A fault with separate state for each link. */
export function onEachLink(onLink: (link: LinkContext) => LinkHandlers): UnnamedLayer {
  return { onLink };
}

/** The answer with other pieces, from which no correct reader can decode its values. */
export function spoiled<D extends Transmission>(transmission: D, by: string, pieces: readonly Piece[]): D {
  return { ...transmission, pieces, spoiledBy: transmission.spoiledBy ?? by };
}

/** The pieces without one of them; the others keep their times. */
export function withoutPiece(pieces: readonly Piece[], lost: number): Piece[] {
  const left = pieces.map(({ bytes, afterMs }, i) => ({
    bytes,
    afterMs: i > 0 && i - 1 === lost ? afterMs + (pieces[lost]?.afterMs ?? 0) : afterMs,
  }));
  left.splice(lost, 1);
  return left;
}

/** True if this is the response to a read, which arrives as one value however it was split. */
export const isRead = ({ request }: Transmission) => request?.kind === "read";

/** Unrequested bytes in pieces of the usual 20 bytes. */
export function unrequested(characteristic: string, bytes: Uint8Array, afterMs = 0): Transmission {
  return { characteristic, sample: {}, pieces: inPieces(bytes, 20, afterMs) };
}

/** Other bytes at the time of the answer. */
export function replaced<D extends Transmission>(reply: D, by: string, bytes: Uint8Array, mtu: number): D {
  return spoiled(reply, by, inPieces(bytes, mtu - 3, reply.pieces[0]?.afterMs ?? 0));
}
