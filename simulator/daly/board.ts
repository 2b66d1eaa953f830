import type { Sample } from "../../common/model/reading.ts";
import type { DalyState } from "./state.ts";

/** The electronics behind one of Daly's protocols. */
export interface DalyBoard {
  /** Name in the answer log; undefined for a request that is not of this protocol. */
  registerOf(request: Uint8Array): string | undefined;
  /** Undefined for a request that the board does not answer. */
  answer(request: Uint8Array, state: DalyState): { readonly bytes: Uint8Array; readonly sample: Sample } | undefined;
  linkEnded?(): void;
}

/** The data of registers, and the values in them. */
export interface DalyReply {
  readonly data: Uint8Array;
  readonly sample: Sample;
}
