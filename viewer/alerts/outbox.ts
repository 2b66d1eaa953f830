import { counted } from "../../common/model/count-text.ts";
import { backoff } from "../../common/runtime/backoff.ts";
import type { Log } from "../../common/runtime/log.ts";
import { formatRequest } from "./formats.ts";
import type { Post, PostResult } from "./http-post.ts";
import type { Message } from "./message.ts";
import type { Target } from "./target.ts";
import { durationText } from "./words.ts";

/** Messages that wait for a target. Plain data: it is written to the disk as it is. */
export interface Queue {
  /** The name of the target. */
  readonly target: string;
  /** Oldest first. */
  readonly waiting: readonly Message[];
  /** Older messages that were dropped, until that has been reported. */
  readonly dropped?: { readonly count: number; readonly from: number; readonly to: number };
}

export interface OutboxDeps {
  readonly post: Post;
  /** Writes the queues to the disk. */
  save(): void;
  readonly log: Log;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
}

/** The messages of all targets, each target in its own order and at its own pace. */
export interface Outbox {
  add(message: Message): void;
  /** Sends what is due. `now` in ms since the Unix epoch, `uptime` in ms. Returns at once. */
  tick(now: number, uptime: number): void;
  queues(): readonly Queue[];
  /** Resolves when no attempt is under way. */
  settled(): Promise<void>;
}

/** Messages that wait for a target; beyond it the oldest are dropped. */
const MOST_WAITING = 100;
/** Age at which a message that could not be sent is dropped, ms. */
const LONGEST_AGE_MS = 48 * 3_600_000;
const RETRY = { firstMs: 5_000, longestMs: 600_000 };
/** A receiver may ask for this much patience at most, ms. */
const LONGEST_RETRY_AFTER_MS = 3_600_000;

export function createOutbox(targets: readonly Target[], saved: readonly Queue[], deps: OutboxDeps): Outbox {
  const senders = targets.map((target) =>
    createSender(
      target,
      saved.find((queue) => queue.target === target.name),
      deps,
    ),
  );
  for (const { target, waiting } of saved)
    if (waiting.length > 0 && !targets.some(({ name }) => name === target))
      deps.log.warn(`${counted(waiting.length, "message")} dropped: the target ${target} is no longer in the file`);
  return {
    add(message) {
      for (const sender of senders) sender.add(message);
    },
    tick(now, uptime) {
      for (const sender of senders) sender.tick(now, uptime);
    },
    queues: () => senders.map((sender) => sender.queue()),
    settled: async () => void (await Promise.all(senders.map((sender) => sender.settled()))),
  };
}

function createSender(target: Target, saved: Queue | undefined, { post, save, log, random }: OutboxDeps) {
  const { name } = target;
  let waiting = [...(saved?.waiting ?? [])];
  let dropped = saved?.dropped;
  let delays = backoff(RETRY, random);
  /** Uptime of the next attempt, ms. */
  let dueAt = Number.NEGATIVE_INFINITY;
  let isAway = false;
  let attempt: Promise<void> | undefined;

  function drop(messages: readonly Message[]) {
    const [first, last] = [messages[0], messages.at(-1)];
    if (!first || !last) return;
    waiting = waiting.filter((message) => !messages.includes(message));
    dropped = { count: (dropped?.count ?? 0) + messages.length, from: dropped?.from ?? first.at, to: last.at };
    log.warn(
      `${name} has been away for too long: ${counted(messages.length, "message")} dropped, ${dropped.count} in all`,
    );
    save();
  }
  function bound(now: number) {
    // The first of them may be on its way.
    const first = attempt === undefined ? 0 : 1;
    drop(waiting.filter(({ at }, i) => i >= first && (i < waiting.length - MOST_WAITING || now - at > LONGEST_AGE_MS)));
  }
  /** Sends until nothing waits or an attempt fails. */
  async function send(now: number, uptime: number) {
    for (let message = next(now); message; message = next(now)) {
      const outcome = await post(formatRequest(message, target));
      if (outcome.result === "failed") return postpone(outcome, uptime);
      if (outcome.result === "refused") log.error(`${name} refuses the message "${message.text}": ${outcome.answer}`);
      else if (isAway) log.info(`${name} takes messages again`);
      isAway = isAway && outcome.result !== "sent";
      delays = backoff(RETRY, random);
      remove(message);
    }
  }
  function next(now: number): Message | undefined {
    return dropped ? summaryOf(dropped, now) : waiting[0];
  }
  function postpone({ answer, retryAfterMs = 0 }: Extract<PostResult, { result: "failed" }>, uptime: number) {
    dueAt = uptime + Math.max(delays.next().value, Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS));
    if (!isAway) log.warn(`${name}: ${answer}; messages are kept and tried again`);
    isAway = true;
  }
  function remove(message: Message) {
    if (message.event === "dropped") dropped = undefined;
    else waiting = waiting.filter((each) => each !== message);
    save();
  }
  return {
    add(message: Message) {
      if (message.severity === "warning" && target.severity === "alarm") return;
      waiting.push(message);
      bound(message.at);
    },
    tick(now: number, uptime: number) {
      bound(now);
      if (attempt || uptime < dueAt || (waiting.length === 0 && !dropped)) return;
      attempt = send(now, uptime).finally(() => {
        attempt = undefined;
      });
    },
    queue: (): Queue => ({ target: name, waiting, ...(dropped && { dropped }) }),
    settled: async () => {
      await attempt;
    },
  };
}

function summaryOf({ count, from, to }: NonNullable<Queue["dropped"]>, now: number): Message {
  const text = `${counted(count, "older message")} could not be sent while this target was away and ${count === 1 ? "is" : "are"} dropped: from ${durationText(now - from)} to ${durationText(now - to)} ago. The log of bms-viewer has them.`;
  return {
    id: `dropped-${from.toString(36)}`,
    event: "dropped",
    title: "Messages dropped",
    text,
    severity: "warning",
    at: now,
  };
}
