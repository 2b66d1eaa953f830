import type { EventEmitter } from "node:events";
import type { Clock } from "../../../common/runtime/clock.ts";
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
export function operate<T>(bindings: Bindings, clock: Clock, operation: NobleOperation<T>): Promise<T> {
  const { emitter, event, ender, deadlineMs } = operation;
  return new Promise<T>((resolve, reject) => {
    const onEvent = (...values: unknown[]) => {
      try {
        const accepted = operation.accept(...values);
        if (accepted === undefined) return;
        end();
        resolve(accepted);
      } catch (error) {
        fail(error);
      }
    };
    const onFailure = (failure: OperationFailure) => {
      if (operation.isOwn(failure)) fail(failure.error);
    };
    const onEnder = () => fail(ender.reason);
    const cancel = clock.timer(deadlineMs, () => fail(operation.late()));
    function end() {
      cancel();
      emitter.off(event, onEvent);
      bindings.off("operationFailed", onFailure);
      ender.removeEventListener("abort", onEnder);
    }
    function fail(error: unknown) {
      end();
      reject(error);
    }
    emitter.on(event, onEvent);
    bindings.on("operationFailed", onFailure);
    ender.addEventListener("abort", onEnder, { once: true });
    try {
      ender.throwIfAborted();
      operation.start();
    } catch (error) {
      fail(error);
    }
  });
}
