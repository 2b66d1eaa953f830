import type { EventEmitter } from "node:events";
import { orAborted } from "../../../common/runtime/abort.ts";
import { type Clock, withDeadline } from "../../../common/runtime/clock.ts";
import type { RadioError } from "../radio.ts";
import type { Bindings, OperationFailure } from "./bindings.ts";

/** One thing asked of noble, whose own promises stay pending for ever when it fails or the link drops. */
export interface NobleOperation<T> {
  /** Sets it going, once everybody listens. */
  start(): void;
  /** Where and as what its success is announced. */
  readonly emitter: EventEmitter;
  readonly event: string;
  /** The outcome in an event's values; undefined where they belong to something else. May throw. */
  accept(...values: unknown[]): T | undefined;
  /** Whether a failure that the bindings report is this operation's. */
  isOwn(failure: OperationFailure): boolean;
  readonly deadlineMs: number;
  /** What to say at the deadline. */
  late(): RadioError;
  /** Ends it with its reason. */
  readonly ender: AbortSignal;
}

/** Settles with whichever comes first: success, failure, the ender, the deadline. Leaves no listener behind. */
export async function operate<T>(bindings: Bindings, clock: Clock, operation: NobleOperation<T>): Promise<T> {
  const { emitter, event, ender } = operation;
  let onEvent: (...values: unknown[]) => void = () => {};
  let onFailure: (failure: OperationFailure) => void = () => {};
  const outcome = new Promise<T>((resolve, reject) => {
    onEvent = (...values) => {
      try {
        const accepted = operation.accept(...values);
        if (accepted !== undefined) resolve(accepted);
      } catch (error) {
        reject(error);
      }
    };
    onFailure = (failure) => {
      if (operation.isOwn(failure)) reject(failure.error);
    };
  });
  emitter.on(event, onEvent);
  bindings.on("operationFailed", onFailure);
  try {
    ender.throwIfAborted();
    operation.start();
    return await withDeadline(clock, operation.deadlineMs, orAborted(ender, outcome), operation.late);
  } finally {
    emitter.off(event, onEvent);
    bindings.off("operationFailed", onFailure);
  }
}
