import type { Call, Delivery, Layer, LinkContext, LinkHandlers, Piece } from "../fault-layer.ts";

/** A kind of fault: what it does, what can be set of it, and how it is made. */
export interface FaultKind {
  readonly about: string;
  /** Settings with their defaults; a number stays a number. */
  readonly settings: Readonly<Record<string, number | string>>;
  make(settings: Settings, triggers: Trigger): FaultLayer;
}

export type FaultLayer = Omit<Layer, "words">;

/** Settings by name, already checked against their defaults. */
export interface Settings {
  number(name: string): number;
  text(name: string): string;
}

/** Whether a fault acts this time: asked once for each opportunity. */
export type Trigger = (register?: string) => boolean;

/** What answers a request. */
export type Reply = Delivery & { readonly call: Call };

/** A fault that changes answers. What nobody asked for passes. */
export function changeAnswers(
  triggers: Trigger,
  change: (reply: Reply, line: LinkContext) => Delivery | readonly Delivery[],
): FaultLayer {
  return onEachLink((line) => ({
    answer(delivery) {
      const { call } = delivery;
      const acts = call !== undefined && triggers(call.register);
      const changed = acts ? change({ ...delivery, call }, line) : delivery;
      for (const each of [changed].flat()) line.deliver(each);
    },
  }));
}

/** A fault that keeps requests from the battery, and may do something in their place. */
export function stopRequests(
  triggers: Trigger,
  instead: (call: Call, line: LinkContext) => void = () => {},
): FaultLayer {
  return onEachLink((line) => ({
    request(call) {
      if (triggers(call.register)) instead(call, line);
      else line.ask(call);
    },
  }));
}

/** A fault with a memory of its own in each link. */
export function onEachLink(onLink: (line: LinkContext) => LinkHandlers): FaultLayer {
  return { onLink };
}

/** The same answer in a state in which no right reader gets its values. */
export function spoiled<D extends Delivery>(delivery: D, by: string, pieces: readonly Piece[]): D {
  return { ...delivery, pieces, spoiledBy: delivery.spoiledBy ?? by };
}

/** The pieces that are left when one does not arrive; the others keep their time. */
export function withoutPiece(pieces: readonly Piece[], lost: number): Piece[] {
  const left = pieces.map(({ bytes, afterMs }, i) => ({
    bytes,
    afterMs: i > 0 && i - 1 === lost ? afterMs + (pieces[lost]?.afterMs ?? 0) : afterMs,
  }));
  left.splice(lost, 1);
  return left;
}

/** A value that is read comes as one, however it was cut. */
export const isRead = ({ call }: Delivery) => call?.kind === "read";
