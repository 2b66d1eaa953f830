/**
 * The start of a D-Bus message, enough to decide whether it counts (D-Bus specification, "Message Format"):
 *
 *     0  endianness (l or B) · type · flags · version
 *     4  length of the body · serial · length of the header fields
 *    16  header fields: code, signature, value, each aligned to 8
 *        padding to 8, then the body
 */
export interface MessageHead {
  readonly type: number;
  /** Set by the bus, so that no program can forge it; undefined where the header cannot be read. */
  readonly sender: string | undefined;
  readonly member: string | undefined;
  /** Bytes of the whole message. */
  readonly length: number;
  /** The first strings of the body, where its signature is nothing but strings and the message is short. */
  readonly strings: readonly string[];
}

/** Longer headers are refused: the longest of bluetoothd and of the bus are a tenth of it. */
const MAX_HEADER = 4_096;
/** Messages up to this length are judged when they are complete, so that their strings are known. */
const MAX_JUDGED_WHOLE = 4_096;
const FIXED = 16;

/**
 * Takes the bytes of a connection and returns those of the messages that `accepts` lets through, in the same order.
 * Refused messages are not kept, whatever their length: no more than the two limits above is held back.
 */
export function filterMessages(accepts: (head: MessageHead) => boolean): (chunk: Buffer) => Buffer {
  let held: Buffer = Buffer.alloc(0);
  /** Bytes of the judged message that are still to come. */
  let remaining = 0;
  let isAccepted = false;

  return (chunk) => {
    const passed: Buffer[] = [];
    let bytes = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
    held = Buffer.alloc(0);
    while (bytes.length > 0) {
      if (remaining === 0) {
        const head = readHead(bytes);
        if (!head) {
          held = Buffer.from(bytes);
          break;
        }
        remaining = head.length;
        isAccepted = accepts(head);
      }
      const part = bytes.subarray(0, remaining);
      if (isAccepted) passed.push(part);
      remaining -= part.length;
      bytes = bytes.subarray(part.length);
    }
    return passed.length === 1 && passed[0] ? passed[0] : Buffer.concat(passed);
  };
}

/** Undefined while more bytes are needed. */
function readHead(bytes: Buffer): MessageHead | undefined {
  if (bytes.length < FIXED) return undefined;
  const word = (at: number) => (bytes[0] === 0x6c ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const bodyAt = align(FIXED + word(12), 8);
  const length = bodyAt + word(4);
  const type = bytes[1] ?? 0;
  if (bodyAt > MAX_HEADER) {
    return { type, length, sender: undefined, member: undefined, strings: [] };
  }
  if (bytes.length < (length <= MAX_JUDGED_WHOLE ? length : bodyAt)) return undefined;
  const fields = readFields(bytes.subarray(0, bodyAt), word);
  const isShort = length <= MAX_JUDGED_WHOLE && /^s+$/.test(fields.signature ?? "");
  const strings = isShort ? readStrings(bytes.subarray(0, length), bodyAt, word) : [];
  return { type, length, sender: fields.sender, member: fields.member, strings };
}

/** Header fields of type string or signature that matter, by their codes. */
const FIELDS: Readonly<Record<number, "member" | "sender" | "signature">> = {
  3: "member",
  7: "sender",
  8: "signature",
};
type Fields = Partial<Record<(typeof FIELDS)[number], string>>;

/** Fields behind one of an unknown type are not read. */
function readFields(bytes: Buffer, word: (at: number) => number): Fields {
  const fields: Fields = {};
  for (let at = FIXED; at + 8 <= bytes.length; ) {
    const type = bytes[at + 1] === 1 ? String.fromCharCode(bytes[at + 2] ?? 0) : "";
    const value = valueAt(bytes, at + 4, type, word);
    if (!value) break;
    const name = FIELDS[bytes[at] ?? 0];
    if (name) fields[name] = bytes.toString("utf8", value.start, value.end);
    // A text is followed by a zero byte.
    at = align(type === "u" ? value.end : value.end + 1, 8);
  }
  return fields;
}

/** The place of a value; undefined for a type that no header field has. */
function valueAt(bytes: Buffer, at: number, type: string, word: (at: number) => number) {
  const aligned = align(at, 4);
  switch (type) {
    case "u":
      return { start: aligned, end: aligned + 4 };
    case "g":
      return { start: at + 1, end: at + 1 + (bytes[at] ?? 0) };
    case "s":
    case "o":
      return { start: aligned + 4, end: aligned + 4 + word(aligned) };
    default:
      return undefined;
  }
}

function readStrings(bytes: Buffer, bodyAt: number, word: (at: number) => number): string[] {
  const strings: string[] = [];
  for (let at = bodyAt; at + 4 <= bytes.length; ) {
    const end = at + 4 + word(at);
    strings.push(bytes.toString("utf8", at + 4, end));
    at = align(end + 1, 4);
  }
  return strings;
}

function align(at: number, to: number): number {
  return Math.ceil(at / to) * to;
}
