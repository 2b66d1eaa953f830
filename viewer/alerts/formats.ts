import type { Message } from "./message.ts";
import type { Target, TargetType } from "./target.ts";

/** An HTTP POST. */
export interface PostRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** The request that brings a message to a target, in the format of its API. */
export function formatRequest(message: Message, target: Target): PostRequest {
  const { url, headers = {}, body } = FORMATS[target.type](message, target);
  return { url, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

interface Format {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** How loud a message is: an end is quiet. */
type Urgency = "alarm" | "warning" | "quiet";

const urgencyOf = ({ event, severity }: Message): Urgency => (event === "end" ? "quiet" : severity);

/** ntfy: 1 to 5, 3 is normal. Gotify: 0 to 10, from 8 on with a sound in every setting. */
const NTFY_PRIORITY: Readonly<Record<Urgency, number>> = { alarm: 5, warning: 3, quiet: 2 };
const GOTIFY_PRIORITY: Readonly<Record<Urgency, number>> = { alarm: 8, warning: 5, quiet: 2 };
/** Short codes of emojis. */
const NTFY_TAG: Readonly<Record<Urgency, string>> = {
  alarm: "rotating_light",
  warning: "warning",
  quiet: "white_check_mark",
};

const FORMATS: Readonly<Record<TargetType, (message: Message, target: Target) => Format>> = {
  ntfy: (message, { url, token }) => {
    // The topic travels in the JSON, which goes to the server's root: a header cannot carry every letter.
    const [, path = "", topic = ""] = /^(.*\/)([^/]*)$/.exec(url.pathname) ?? [];
    const { id, title, text } = message;
    const urgency = urgencyOf(message);
    return {
      url: new URL(`${path}${url.search}`, url),
      ...(token !== undefined && { headers: bearer(token) }),
      body: {
        topic,
        title,
        message: text,
        priority: NTFY_PRIORITY[urgency],
        tags: [NTFY_TAG[urgency]],
        // From ntfy 2.16 on, what is sent twice replaces itself. Older servers ignore it.
        sequence_id: id,
      },
    };
  },
  gotify: (message, { url, token = "" }) => ({
    url: new URL(`${url.pathname.replace(/\/$/, "")}/message`, url),
    headers: { "x-gotify-key": token },
    body: {
      title: message.title,
      message: message.text,
      priority: GOTIFY_PRIORITY[urgencyOf(message)],
      extras: { "client::display": { contentType: "text/plain" } },
    },
  }),
  "home-assistant": (message, { url }) => ({ url, body: plain(message) }),
  json: (message, { url, token }) => ({
    url,
    ...(token !== undefined && { headers: bearer(token) }),
    body: plain(message),
  }),
};

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** The message as our own JSON, which docs/alerts.md describes. */
function plain({ id, event, title, text, severity, at, alert }: Message): unknown {
  return { version: 1, id, event, severity, title, text, at, alert };
}
