import type { EventEmitter } from "node:events";
import { orAborted } from "../../../common/runtime/abort.ts";
import { type Clock, withDeadline } from "../../../common/runtime/clock.ts";
import type { RadioError } from "../radio.ts";
import type { Bindings, OperationFailure } from "./bindings.ts";

/** One operation of noble, whose own promises stay pending for ever when it fails or the link is lost. */
export interface NobleOperation<T> {
  /** Starts it, once all listeners are added. */
  start(): void;
  /** The emitter and the name of the event that reports success. */
  readonly emitter: EventEmitter;
  readonly event: string;
  /** The outcome in an event's values; undefined when the event belongs to another operation. May throw. */
  accept(...values: unknown[]): T | undefined;
  /** True when a failure that the bindings report belongs to this operation. */
  isOwn(failure: OperationFailure): boolean;
  readonly deadlineMs: number;
  /** The error at the deadline. */
  late(): RadioError;
  /** Ends the operation, with the signal's reason. */
  readonly ender: AbortSignal;
}

/** Ends with the first of success, failure, the ender and the deadline. Leaves no listener behind. */
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
