/** Deeper than any message of ours; stops a stranger's nesting before it fills the stack. */
const MAX_DEPTH = 16;

/** `opaque` is passed over and never looked into: nil, booleans, binary, extensions. */
type Kind = "number" | "string" | "map" | "array" | "opaque";

interface Head {
  readonly kind: Kind;
  /** How many bytes of count (or of the number itself) follow the first byte. */
  readonly bytes: number;
  /** The count where the first byte holds it. */
  readonly count: number;
}

/** What each range of first bytes announces (msgpack specification, "Formats"): first, last, kind, bytes, least count. */
const FORMATS: readonly (readonly [number, number, Kind, number, number])[] = [
  [0x00, 0x7f, "number", 0, 0],
  [0x80, 0x8f, "map", 0, 0],
  [0x90, 0x9f, "array", 0, 0],
  [0xa0, 0xbf, "string", 0, 0],
  [0xc0, 0xc0, "opaque", 0, 0],
  [0xc2, 0xc2, "opaque", 0, 0],
  [0xc3, 0xc3, "opaque", 0, 0],
  [0xc4, 0xc4, "opaque", 1, 0],
  [0xc5, 0xc5, "opaque", 2, 0],
  [0xc6, 0xc6, "opaque", 4, 0],
  [0xc7, 0xc7, "opaque", 1, 1],
  [0xc8, 0xc8, "opaque", 2, 1],
  [0xc9, 0xc9, "opaque", 4, 1],
  [0xca, 0xca, "number", 4, 0],
  [0xcb, 0xcb, "number", 8, 0],
  [0xcc, 0xcc, "number", 1, 0],
  [0xcd, 0xcd, "number", 2, 0],
  [0xce, 0xce, "number", 4, 0],
  [0xcf, 0xcf, "number", 8, 0],
  [0xd0, 0xd0, "number", 1, 0],
  [0xd1, 0xd1, "number", 2, 0],
  [0xd2, 0xd2, "number", 4, 0],
  [0xd3, 0xd3, "number", 8, 0],
  [0xd4, 0xd4, "opaque", 0, 2],
  [0xd5, 0xd5, "opaque", 0, 3],
  [0xd6, 0xd6, "opaque", 0, 5],
  [0xd7, 0xd7, "opaque", 0, 9],
  [0xd8, 0xd8, "opaque", 0, 17],
  [0xd9, 0xd9, "string", 1, 0],
  [0xda, 0xda, "string", 2, 0],
  [0xdb, 0xdb, "string", 4, 0],
  [0xdc, 0xdc, "array", 2, 0],
  [0xdd, 0xdd, "array", 4, 0],
  [0xde, 0xde, "map", 2, 0],
  [0xdf, 0xdf, "map", 4, 0],
  [0xe0, 0xff, "number", 0, 0],
];

const HEADS: readonly (Head | undefined)[] = Array.from({ length: 256 }, (_, byte) => {
  const format = FORMATS.find(([first, last]) => first <= byte && byte <= last);
  return format && { kind: format[2], bytes: format[3], count: format[4] + byte - format[0] };
});

/** Texts up to this length are kept for the next time, in as many places as the mask has, by their hash. */
const MAX_WORD_BYTES = 16;
const WORD_MASK = 0x3ff;
const words: (string | undefined)[] = Array.from({ length: WORD_MASK + 1 });

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads msgpack value by value, where the caller says what it expects, and makes no code and no objects out of a
 * stranger's bytes. Methods that name a type pass over a value of another type and return undefined.
 *
 * @throws {RangeError} from every method where bytes are missing or are no msgpack.
 */
export class MsgpackReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Where the next value begins. */
  position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.position === this.#bytes.length;
  }

  /** Enters a map: as many pairs follow. */
  map(): number | undefined {
    return this.#countOf("map");
  }

  /** Enters an array: as many values follow. */
  array(): number | undefined {
    return this.#countOf("array");
  }

  /** Integers beyond 2^53 lose digits: a caller who wants an integer checks that it is a safe one. */
  number(): number | undefined {
    const first = this.#view.getUint8(this.position);
    const head = this.#head(first);
    if (head.kind !== "number") {
      this.passOver();
      return undefined;
    }
    const at = this.position + 1;
    this.position = at + head.bytes;
    return readNumber(this.#view, first, at);
  }

  string(): string | undefined {
    const length = this.#countOf("string");
    if (length === undefined) return undefined;
    const from = this.position;
    this.#advance(length);
    return length <= MAX_WORD_BYTES ? this.#word(from) : this.#text(from);
  }

  /** A short text: nearly always a key that was read before. */
  #word(from: number): string {
    let hash = this.position - from;
    for (let at = from; at < this.position; at += 1) hash = (hash * 31 + (this.#bytes[at] ?? 0)) & WORD_MASK;
    const known = words[hash];
    if (known !== undefined && this.#isWord(known, from)) return known;
    const text = this.#text(from);
    words[hash] = text;
    return text;
  }

  #isWord(word: string, from: number): boolean {
    const { length } = word;
    if (length !== this.position - from) return false;
    for (let i = 0; i < length; i += 1) if (word.charCodeAt(i) !== this.#bytes[from + i]) return false;
    return true;
  }

  #text(from: number): string {
    try {
      return utf8.decode(this.#bytes.subarray(from, this.position));
    } catch (error) {
      throw new RangeError("text is not UTF-8", { cause: error });
    }
  }

  /** Passes over one value of any kind. */
  passOver(depth = 0): void {
    if (depth > MAX_DEPTH) throw new RangeError("nested too deeply");
    const head = this.#head(this.#view.getUint8(this.position));
    if (head.kind === "number") {
      this.#advance(1 + head.bytes);
      return;
    }
    const count = this.#enter(head);
    if (head.kind === "string" || head.kind === "opaque") {
      this.#advance(count);
      return;
    }
    const values = head.kind === "map" ? count * 2 : count;
    for (let i = 0; i < values; i += 1) this.passOver(depth + 1);
  }

  #countOf(kind: Kind): number | undefined {
    const head = this.#head(this.#view.getUint8(this.position));
    if (head.kind === kind) return this.#enter(head);
    this.passOver();
    return undefined;
  }

  #head(first: number): Head {
    const head = HEADS[first];
    if (!head) throw new RangeError(`byte 0x${first.toString(16)} begins no value`);
    return head;
  }

  /** Passes over the first byte and the count, which it returns. */
  #enter(head: Head): number {
    const at = this.position + 1;
    this.position = at + head.bytes;
    switch (head.bytes) {
      case 0:
        return head.count;
      case 1:
        return head.count + this.#view.getUint8(at);
      case 2:
        return head.count + this.#view.getUint16(at);
      default:
        return head.count + this.#view.getUint32(at);
    }
  }

  #advance(bytes: number): void {
    this.position += bytes;
    if (this.position > this.#bytes.length) throw new RangeError("bytes are missing at the end");
  }
}

function readNumber(view: DataView, first: number, at: number): number {
  switch (first) {
    case 0xca:
      return view.getFloat32(at);
    case 0xcb:
      return view.getFloat64(at);
    case 0xcc:
      return view.getUint8(at);
    case 0xcd:
      return view.getUint16(at);
    case 0xce:
      return view.getUint32(at);
    case 0xcf:
      return Number(view.getBigUint64(at));
    case 0xd0:
      return view.getInt8(at);
    case 0xd1:
      return view.getInt16(at);
    case 0xd2:
      return view.getInt32(at);
    case 0xd3:
      return Number(view.getBigInt64(at));
    default:
      return first < 0x80 ? first : first - 0x100;
  }
}
