import { EVENT_NAMES, type HouseEvent } from "./house-state.ts";

/** The connection for server-sent events; it is made anew whenever it is lost. */
export interface Events {
  /** Makes the connection anew if nothing has come for long: a sleeping computer or tab leaves dead ones behind. */
  check(silentMs: number): void;
}

export interface EventsDeps {
  receive(event: HouseEvent): void;
  /** The viewer answers and demands a token. */
  refused(): void;
}

const RETRY_MS = 1000;
/** A connection without news for so long is dead. The viewer sends a `tick` far more often. */
const DEAD_MS = 8000;

/** Connects to `/events` beside the page. */
export function connectEvents({ receive, refused }: EventsDeps): Events {
  let source: EventSource | undefined;
  let openedAt = 0;

  function open() {
    source?.close();
    openedAt = performance.now();
    const opened = new EventSource("events");
    source = opened;
    for (const name of EVENT_NAMES) {
      opened.addEventListener(name, ({ data }: MessageEvent<string>) =>
        receive({ name, data: JSON.parse(data) } as HouseEvent),
      );
    }
    opened.onerror = () => {
      // The browser's own retry takes longer, and does not happen after an answer with an error status.
      opened.close();
      if (source === opened) setTimeout(() => void retry(opened), RETRY_MS);
    };
  }

  async function retry(lost: EventSource) {
    // An EventSource does not report the status of the answer.
    const answer = await fetch("api/v1/house", { signal: AbortSignal.timeout(3 * RETRY_MS) }).catch(() => undefined);
    if (answer?.status === 401) refused();
    if (source === lost) open();
  }

  open();
  return {
    check(silentMs) {
      if (silentMs > DEAD_MS && performance.now() - openedAt > DEAD_MS) open();
    },
  };
}
