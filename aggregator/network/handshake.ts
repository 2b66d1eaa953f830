/** Bytes of one side of a connection, before the end of its handshake. */
export interface HandshakePart {
  /** The bytes that belong to the greeting: they are passed on at once, as each side waits for those of the other. */
  readonly greeting: Uint8Array;
  /** Whole frames behind the greeting, with their heads. */
  readonly frames: readonly Uint8Array[];
}

/** Follows one side of a handshake with CURVE (rfc.zeromq.org/spec/23 and /26). */
export interface HandshakeReader {
  /** Returns text where these bytes are not of such a handshake. */
  read(chunk: Uint8Array): HandshakePart | string;
}

/**
 * The greeting of ZMTP 3:
 *
 *      0  FF … 7F, the signature      10  version, at least 3      12  mechanism, 20 characters      32  as-server, filler
 */
const GREETING_BYTES = 64;
const SIGNATURE_END = 9;
const VERSION_AT = 10;
const MECHANISM_AT = 12;
const MECHANISM_BYTES = 20;
const MECHANISM = "CURVE";

/** Bits of the first byte of a frame. The length follows: one byte, or eight with `LONG`, big-endian. */
const LONG = 0x02;
const COMMAND = 0x04;
/** INITIATE, the longest one, has 257 bytes and the client's routing id. */
const MAX_FRAME_BYTES = 1_024;

export function createHandshakeReader(): HandshakeReader {
  const greeting = Buffer.alloc(GREETING_BYTES);
  let greeted = 0;
  let pending = Buffer.alloc(0);

  function readGreeting(chunk: Uint8Array): string | undefined {
    greeting.set(chunk, greeted);
    greeted += chunk.length;
    return greetingFault(greeting, greeted);
  }
  return {
    read(chunk) {
      const ofGreeting = chunk.subarray(0, GREETING_BYTES - greeted);
      const fault = ofGreeting.length > 0 ? readGreeting(ofGreeting) : undefined;
      if (fault !== undefined) return fault;
      pending = Buffer.concat([pending, chunk.subarray(ofGreeting.length)]);
      const frames: Uint8Array[] = [];
      for (;;) {
        const end = frameEnd(pending);
        if (typeof end === "string") return end;
        if (end === undefined || end > pending.length) return { greeting: ofGreeting, frames };
        frames.push(pending.subarray(0, end));
        pending = pending.subarray(end);
      }
    },
  };
}

function greetingFault(greeting: Buffer, length: number): string | undefined {
  const isZeromq =
    greeting[0] === 0xff &&
    (length <= SIGNATURE_END || ((greeting[SIGNATURE_END] ?? 0) & 0x7f) === 0x7f) &&
    (length <= VERSION_AT || (greeting[VERSION_AT] ?? 0) >= 3);
  if (!isZeromq) return "it does not speak ZeroMQ 4";
  if (length < MECHANISM_AT + MECHANISM_BYTES) return undefined;
  const mechanism = greeting.toString("latin1", MECHANISM_AT, MECHANISM_AT + MECHANISM_BYTES).replace(/\0+$/, "");
  return mechanism === MECHANISM ? undefined : "it does not encrypt";
}

/** The position behind the first frame; undefined while its length is not known. */
function frameEnd(bytes: Buffer): number | undefined | string {
  const [flags = COMMAND] = bytes;
  if (!(flags & COMMAND)) return "a message before the end of its handshake";
  const headBytes = flags & LONG ? 9 : 2;
  if (bytes.length < headBytes) return undefined;
  const length = flags & LONG ? Number(bytes.readBigUInt64BE(1)) : (bytes[1] ?? 0);
  return length > MAX_FRAME_BYTES
    ? `a frame of more than ${MAX_FRAME_BYTES} bytes in its handshake`
    : headBytes + length;
}

/** The name of a command: `READY`. */
export function commandName(frame: Uint8Array): string {
  const [flags = 0] = frame;
  const body = frame.subarray(flags & LONG ? 9 : 2);
  const [length = 0] = body;
  return Buffer.from(body.subarray(1, 1 + length)).toString("latin1");
}
