import { decodeHead, type MessageHead } from "./message.ts";

/** Messages up to this length are judged when they are complete, so that their body is known. */
const MAX_JUDGED_WHOLE = 4_096;

export interface MessageStreamDeps {
  /** Decides about the next message; `bytes` begins with it, and holds it whole unless it is long. */
  readonly accepts: (head: MessageHead, bytes: Buffer) => boolean;
  /** Called with each accepted message, whole and in order. */
  readonly received: (head: MessageHead, message: Buffer) => void;
}

/**
 * Takes the bytes of a connection and splits them into messages. Refused ones are not kept, whatever their length: no more
 * than the limit above and that of a header is held back.
 */
export function splitMessages({ accepts, received }: MessageStreamDeps): (chunk: Buffer) => void {
  let held: Buffer = Buffer.alloc(0);
  /** The message that has been judged and is not complete. */
  let judged: Judged | undefined;

  function judge(bytes: Buffer): Judged | undefined {
    const head = decodeHead(bytes);
    if (!head || (bytes.length < head.length && head.length <= MAX_JUDGED_WHOLE)) return undefined;
    return { head, parts: accepts(head, bytes) ? [] : undefined, missing: head.length };
  }
  function pass({ head, parts }: Judged) {
    if (parts) received(head, parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts));
  }
  return (chunk) => {
    let bytes = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
    held = Buffer.alloc(0);
    while (bytes.length > 0) {
      judged ??= judge(bytes);
      if (!judged) {
        held = Buffer.from(bytes);
        return;
      }
      const part = bytes.subarray(0, judged.missing);
      bytes = bytes.subarray(part.length);
      judged.missing -= part.length;
      judged.parts?.push(part);
      if (judged.missing > 0) return;
      const whole = judged;
      judged = undefined;
      pass(whole);
    }
  };
}

interface Judged {
  readonly head: MessageHead;
  /** Of an accepted message. */
  readonly parts: Buffer[] | undefined;
  missing: number;
}
