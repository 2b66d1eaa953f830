import { type Type, typesOf } from "./signature.ts";

/** A value with its type, as dictionaries of properties contain them. Values that arrive are without. */
export interface Variant {
  readonly signature: string;
  readonly value: unknown;
}

export function variant(signature: string, value: unknown): Variant {
  return { signature, value };
}

/** Appends values to a message (D-Bus specification, "Marshaling"), little-endian. */
export interface Writer {
  /** @throws {Error} if the signature is not one */
  put(signature: string, values: readonly unknown[]): void;
  align(to: number): void;
  /** Position at which the next value is appended. */
  readonly length: number;
  bytes(): Buffer;
}

const FIRST_BYTES = 256;

export function createWriter(): Writer {
  let buffer = Buffer.alloc(FIRST_BYTES);
  let length = 0;

  /** Returns the place of so many bytes at the end, which are zero. */
  function claim(count: number): number {
    const at = length;
    length += count;
    if (length > buffer.length) buffer = Buffer.concat([buffer], Math.max(length, 2 * buffer.length));
    return at;
  }
  function align(to: number) {
    claim((to - (length % to)) % to);
  }
  function text(value: unknown, lengthBytes: 1 | 4) {
    const bytes = Buffer.from(String(value));
    const at = claim(lengthBytes + bytes.length + 1);
    buffer.writeUIntLE(bytes.length, at, lengthBytes);
    bytes.copy(buffer, at + lengthBytes);
  }
  function array([element]: readonly Type[], value: unknown) {
    if (!element) return;
    const lengthAt = claim(4);
    align(element.alignment);
    const start = length;
    if (element.code === "y") Buffer.from(value as Uint8Array).copy(buffer, claim((value as Uint8Array).length));
    else for (const item of itemsOf(element, value)) put(element, item);
    buffer.writeUInt32LE(length - start, lengthAt);
  }
  function put(type: Type, value: unknown) {
    align(type.alignment);
    switch (type.code) {
      case "y":
        buffer.writeUInt8(Number(value), claim(1));
        return;
      case "n":
        buffer.writeInt16LE(Number(value), claim(2));
        return;
      case "q":
        buffer.writeUInt16LE(Number(value), claim(2));
        return;
      case "i":
        buffer.writeInt32LE(Number(value), claim(4));
        return;
      case "b":
      case "u":
        buffer.writeUInt32LE(Number(value), claim(4));
        return;
      case "s":
      case "o":
        return text(value, 4);
      case "g":
        return text(value, 1);
      case "v": {
        const { signature, value: content } = value as Variant;
        text(signature, 1);
        return putAll(typesOf(signature), [content]);
      }
      case "a":
        return array(type.inner, value);
      case "(":
      case "{":
        return putAll(type.inner, value as readonly unknown[]);
      default:
        throw new Error(`values of type ${type.code} are not sent`);
    }
  }
  function putAll(types: readonly Type[], values: readonly unknown[]) {
    for (let i = 0; i < types.length; i++) put(types[i] as Type, values[i]);
  }
  return {
    put: (signature, values) => putAll(typesOf(signature), values),
    align,
    get length() {
      return length;
    },
    bytes: () => buffer.subarray(0, length),
  };
}

/** A dictionary is an object. */
function itemsOf({ code }: Type, value: unknown): readonly unknown[] {
  return code === "{" ? Object.entries(value as object) : (value as readonly unknown[]);
}

/** More levels than this are refused: variants nest without a limit of their own. */
const MAX_DEPTH = 64;

/**
 * The values of a signature that begin at `at`, variants unwrapped: dictionaries as objects, bytes as a Uint8Array of
 * their own, 64-bit integers as bigint.
 * @throws {Error} if the bytes are not such values
 */
export function readValues(bytes: Buffer, at: number, signature: string, isLittle: boolean): readonly unknown[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let depth = 0;

  /** Moves over so many bytes and returns where they begin. */
  function pass(count: number): number {
    at += count;
    if (at > bytes.length) throw new Error("a value ends behind its message");
    return at - count;
  }
  function text(length: number): string {
    const start = pass(length + 1);
    return bytes.toString("utf8", start, start + length);
  }
  function array([element]: readonly Type[]): unknown {
    const length = view.getUint32(pass(4), isLittle);
    if (!element) return [];
    at += -at & (element.alignment - 1);
    if (element.code === "y") return new Uint8Array(bytes.subarray(pass(length), at));
    const end = at + length;
    if (end > bytes.length) throw new Error("an array ends behind its message");
    const items: unknown[] = [];
    while (at < end) items.push(take(element));
    return element.code === "{" ? Object.fromEntries(items as [string, unknown][]) : items;
  }
  function nested(type: Type): unknown {
    depth += 1;
    if (depth > MAX_DEPTH) throw new Error(`values are nested more than ${MAX_DEPTH} deep`);
    const value = type.code === "a" ? array(type.inner) : type.code === "v" ? variantValue() : takeAll(type.inner);
    depth -= 1;
    return value;
  }
  function variantValue(): unknown {
    const [type, another] = typesOf(text(view.getUint8(pass(1))));
    if (!type || another) throw new Error("a variant has not exactly one value");
    return take(type);
  }
  function take(type: Type): unknown {
    at += -at & (type.alignment - 1);
    switch (type.code) {
      case "y":
        return view.getUint8(pass(1));
      case "b":
        return view.getUint32(pass(4), isLittle) !== 0;
      case "n":
        return view.getInt16(pass(2), isLittle);
      case "q":
        return view.getUint16(pass(2), isLittle);
      case "i":
        return view.getInt32(pass(4), isLittle);
      case "u":
      case "h":
        return view.getUint32(pass(4), isLittle);
      case "x":
        return view.getBigInt64(pass(8), isLittle);
      case "t":
        return view.getBigUint64(pass(8), isLittle);
      case "d":
        return view.getFloat64(pass(8), isLittle);
      case "s":
      case "o":
        return text(view.getUint32(pass(4), isLittle));
      case "g":
        return text(view.getUint8(pass(1)));
      default:
        return nested(type);
    }
  }
  function takeAll(types: readonly Type[]): unknown[] {
    return types.map(take);
  }
  return takeAll(typesOf(signature));
}
