// Written by hand, because npm test must run with Node and npm alone, and independent of the library under test.

/**
 * D-Bus messages as bytes and back (D-Bus specification, "Message Protocol"), little-endian, for the scripted message
 * bus of the tests.
 */
export interface BusMessage {
  readonly kind: "call" | "return" | "error" | "signal";
  readonly serial: number;
  readonly flags?: number;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly errorName?: string;
  readonly replySerial?: number;
  readonly destination?: string;
  readonly sender?: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
}

/** A value with its type, for a place of type `v`. */
export interface Variant {
  readonly type: string;
  readonly value: unknown;
}

export const v = (type: string, value: unknown): Variant => ({ type, value });

const KINDS = ["invalid", "call", "return", "error", "signal"] as const;
/** Header fields in the order of their codes, with their types. */
const FIELDS = [
  [1, "path", "o"],
  [2, "interface", "s"],
  [3, "member", "s"],
  [4, "errorName", "s"],
  [5, "replySerial", "u"],
  [6, "destination", "s"],
  [7, "sender", "s"],
  [8, "signature", "g"],
] as const;

export function encodeMessage(message: BusMessage): Buffer {
  const body = createWriter();
  for (const [at, type] of splitTypes(message.signature ?? "").entries()) body.put(type, message.body?.[at]);
  const fields = FIELDS.flatMap(([code, name, type]) =>
    message[name] === undefined ? [] : [[code, v(type, message[name])]],
  );
  const head = createWriter();
  for (const byte of [0x6c, KINDS.indexOf(message.kind), message.flags ?? 0, 1]) head.put("y", byte);
  head.put("u", body.bytes().length);
  head.put("u", message.serial);
  head.put("a(yv)", fields);
  head.align(8);
  return Buffer.concat([head.bytes(), body.bytes()]);
}

/** The messages at the start of `bytes`, and what is left of them. */
export function decodeMessages(bytes: Buffer): { messages: BusMessage[]; rest: Buffer } {
  const messages: BusMessage[] = [];
  let rest = bytes;
  for (;;) {
    const length = messageLength(rest);
    if (length === undefined || rest.length < length) return { messages, rest };
    messages.push(decodeMessage(rest.subarray(0, length)));
    rest = rest.subarray(length);
  }
}

function messageLength(bytes: Buffer): number | undefined {
  if (bytes.length < 16) return undefined;
  const head = 16 + bytes.readUInt32LE(12);
  return head + (-head & 7) + bytes.readUInt32LE(4);
}

function decodeMessage(bytes: Buffer): BusMessage {
  const reader = createReader(bytes);
  const [, kind = 0, flags] = [reader.take("y"), reader.take("y"), reader.take("y"), reader.take("y")] as number[];
  reader.take("u");
  const serial = reader.take("u") as number;
  const fields = reader.take("a(yv)") as [number, unknown][];
  reader.align(8);
  const named = Object.fromEntries(
    fields.flatMap(([code, value]) => {
      const field = FIELDS.find(([known]) => known === code);
      return field ? [[field[1], value]] : [];
    }),
  ) as Partial<BusMessage>;
  const body = splitTypes(named.signature ?? "").map((type) => reader.take(type));
  return { ...named, kind: KINDS[kind] as BusMessage["kind"], serial, flags: flags ?? 0, body };
}

/** The single complete types of a signature: `a{sv}` and `s` for `a{sv}s`. */
export function splitTypes(signature: string): string[] {
  const types: string[] = [];
  for (let at = 0; at < signature.length; ) {
    const end = endOfType(signature, at);
    types.push(signature.slice(at, end));
    at = end;
  }
  return types;
}

function endOfType(signature: string, at: number): number {
  if (signature[at] === "a") return endOfType(signature, at + 1);
  if (signature[at] !== "(" && signature[at] !== "{") return at + 1;
  let depth = 0;
  let end = at;
  do {
    if ("({".includes(signature[end] ?? "")) depth += 1;
    if (")}".includes(signature[end] ?? "")) depth -= 1;
    end += 1;
  } while (depth > 0);
  return end;
}

const ALIGNMENT: Readonly<Record<string, number>> = {
  y: 1,
  g: 1,
  v: 1,
  n: 2,
  q: 2,
  i: 4,
  u: 4,
  h: 4,
  b: 4,
  s: 4,
  o: 4,
  a: 4,
  "(": 8,
  "{": 8,
};
const alignmentOf = (type: string) => ALIGNMENT[type[0] ?? ""] ?? 1;
/** The types between the brackets of a struct or dictionary entry. */
const membersOf = (type: string) => splitTypes(type.slice(1, -1));

function createWriter() {
  let bytes = Buffer.alloc(0);
  const add = (more: Buffer) => {
    bytes = Buffer.concat([bytes, more]);
  };
  const align = (to: number) => add(Buffer.alloc((to - (bytes.length % to)) % to));

  const integer = (size: 1 | 2 | 4, value: number) => {
    const field = Buffer.alloc(size);
    if (value < 0) field.writeIntLE(value, 0, size);
    else field.writeUIntLE(value, 0, size);
    add(field);
  };

  function putArray(type: string, value: unknown) {
    const inner = type.slice(1);
    integer(4, 0);
    const lengthAt = bytes.length - 4;
    align(alignmentOf(inner));
    const start = bytes.length;
    if (inner === "y") {
      add(Buffer.from(value as Uint8Array));
      bytes.writeUInt32LE(bytes.length - start, lengthAt);
      return;
    }
    const items = inner.startsWith("{")
      ? Object.entries(value as object).map(([key, item]) => [inner[1] === "q" ? Number(key) : key, item])
      : (value as Iterable<unknown>);
    for (const item of items) put(inner, item);
    bytes.writeUInt32LE(bytes.length - start, lengthAt);
  }

  function put(type: string, value: unknown) {
    align(alignmentOf(type));
    switch (type[0]) {
      case "y":
        return integer(1, value as number);
      case "n":
      case "q":
        return integer(2, value as number);
      case "i":
      case "u":
      case "h":
      case "b":
        return integer(4, Number(value));
      case "s":
      case "o":
      case "g": {
        const text = Buffer.from(value as string);
        integer(type === "g" ? 1 : 4, text.length);
        return add(Buffer.concat([text, Buffer.alloc(1)]));
      }
      case "v": {
        const { type: inner, value: content } = value as Variant;
        put("g", inner);
        return put(inner, content);
      }
      case "a":
        return putArray(type, value);
      default:
        for (const [at, member] of membersOf(type).entries()) put(member, (value as unknown[])[at]);
    }
  }
  return { put, align, bytes: () => bytes };
}

function createReader(bytes: Buffer) {
  let at = 0;
  const align = (to: number) => {
    at += (to - (at % to)) % to;
  };
  const integer = (size: 1 | 2 | 4, isSigned = false) => {
    at += size;
    return isSigned ? bytes.readIntLE(at - size, size) : bytes.readUIntLE(at - size, size);
  };

  function takeArray(type: string): unknown {
    const inner = type.slice(1);
    const length = integer(4);
    align(alignmentOf(inner));
    const end = at + length;
    if (inner === "y") {
      at = end;
      return Buffer.from(bytes.subarray(end - length, end));
    }
    const items: unknown[] = [];
    while (at < end) items.push(take(inner));
    return inner.startsWith("{") ? Object.fromEntries(items as [string, unknown][]) : items;
  }

  function take(type: string): unknown {
    align(alignmentOf(type));
    switch (type[0]) {
      case "y":
        return integer(1);
      case "n":
        return integer(2, true);
      case "q":
        return integer(2);
      case "i":
        return integer(4, true);
      case "u":
        return integer(4);
      case "b":
        return integer(4) === 1;
      case "s":
      case "o":
      case "g": {
        const length = integer(type === "g" ? 1 : 4);
        at += length + 1;
        return bytes.toString("utf8", at - length - 1, at - 1);
      }
      case "v":
        return take(take("g") as string);
      case "a":
        return takeArray(type);
      default:
        return membersOf(type).map((member) => take(member));
    }
  }
  return { take, align };
}

/** The signal of org.freedesktop.DBus.Properties about new values of an object's interface. */
export function propertiesChanged(path: string, name: string, properties: object): Omit<BusMessage, "serial"> {
  return {
    kind: "signal",
    path,
    interface: "org.freedesktop.DBus.Properties",
    member: "PropertiesChanged",
    signature: "sa{sv}as",
    body: [name, properties, []],
  };
}
