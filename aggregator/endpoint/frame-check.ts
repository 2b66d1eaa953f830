/** The reason why a connection is closed. */
export interface FrameFault {
  readonly kind: "connection" | "frames" | "oversize";
  readonly detail: string;
}

export interface FrameCheck {
  /** Looks at the next bytes of the client. Returns a fault if they must not reach ZeroMQ. */
  check(chunk: Uint8Array): FrameFault | undefined;
  /** Messages, subscriptions and their cancellations that have begun. */
  readonly messages: number;
}

/** The greeting of ZMTP 3, and in it: signature FF … 7F, then the major version (rfc.zeromq.org/spec/23). */
const GREETING_BYTES = 64;
const SIGNATURE: ReadonlyMap<number, (byte: number) => boolean> = new Map([
  [0, (byte) => byte === 0xff],
  [9, (byte) => (byte & 0x7f) === 0x7f],
  [10, (byte) => byte >= 3],
]);

/** Bits of the first byte of a frame. The length follows: one byte, or eight with `LONG`, big-endian. */
const MORE = 0x01;
const LONG = 0x02;
const COMMAND = 0x04;

/** Initials of the commands SUBSCRIBE and CANCEL of ZMTP 3.1, behind the length of the name. The others say nothing to a program. */
const SUBSCRIPTION_INITIALS: ReadonlySet<number> = new Set(Buffer.from("SC"));

/**
 * Follows the frames in what a client of ZMTP 3 sends. A message of several frames is refused at its first: ZeroMQ would hold
 * any number of them in memory before it delivers one message, and has no bound for it.
 */
export function createFrameCheck(maxFrameBytes: number): FrameCheck {
  /** Bytes of the greeting that are still to come, then of the body of a frame. */
  let greeting = 0;
  let body = 0;
  let flags: number | undefined;
  let lengthBytes = 0;
  let length = 0;
  let messages = 0;
  /** Bytes of a command up to and including the initial of its name that are still to come. */
  let name = 0;

  function greet(byte: number): FrameFault | undefined {
    const isRight = SIGNATURE.get(greeting);
    greeting += 1;
    if (isRight && !isRight(byte)) return { kind: "connection", detail: "it does not speak ZeroMQ 4" };
    return undefined;
  }
  /** Takes one byte of the head of a frame. */
  function head(byte: number): FrameFault | undefined {
    if (flags === undefined) {
      flags = byte;
      lengthBytes = byte & LONG ? 8 : 1;
      length = 0;
      if (byte & COMMAND) {
        name = 2;
        return undefined;
      }
      if (byte & MORE) return { kind: "frames", detail: "a message of several frames" };
      messages += 1;
      return undefined;
    }
    length = length * 256 + byte;
    lengthBytes -= 1;
    if (length > maxFrameBytes) return { kind: "oversize", detail: `a frame of more than ${maxFrameBytes} bytes` };
    if (lengthBytes > 0) return undefined;
    body = length;
    name = Math.min(name, length);
    flags = undefined;
    return undefined;
  }
  /** Takes one byte of the beginning of a command. */
  function begin(byte: number) {
    body -= 1;
    name -= 1;
    if (name === 0 && SUBSCRIPTION_INITIALS.has(byte)) messages += 1;
  }
  return {
    check(chunk) {
      for (let at = 0; at < chunk.length; ) {
        if (body > 0 && name > 0) {
          begin(chunk[at] ?? 0);
          at += 1;
          continue;
        }
        if (body > 0) {
          const passed = Math.min(body, chunk.length - at);
          body -= passed;
          at += passed;
          continue;
        }
        const byte = chunk[at] ?? 0;
        const fault = greeting < GREETING_BYTES ? greet(byte) : head(byte);
        if (fault) return fault;
        at += 1;
      }
      return undefined;
    },
    get messages() {
      return messages;
    },
  };
}
