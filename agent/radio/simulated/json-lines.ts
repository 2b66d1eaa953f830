import { type Address, parseAddress } from "../../../common/model/address.ts";

/** Messages of one JSON object a line, checked against a table of their fields. */

/** A malformed line. */
export class LineError extends Error {
  override readonly name = "LineError";
}

/** Checks and converts the value of a field. @throws {LineError} */
export type Field<T> = (value: unknown, key: string) => T;

/** The fields of each kind of message. Unknown fields are ignored. */
export type MessageTable = Readonly<Record<string, Readonly<Record<string, Field<unknown>>>>>;

/** The messages of a table, distinguished by the field `tag`. */
export type Message<Tag extends string, Table extends MessageTable> = {
  [Kind in keyof Table]: { readonly [T in Tag]: Kind } & {
    readonly [Key in keyof Table[Kind]]: ReturnType<Table[Kind][Key]>;
  };
}[keyof Table];

/** Parses the message in a line. @throws {LineError} */
export function parseLine<Tag extends string, Table extends MessageTable>(
  line: string,
  tag: Tag,
  table: Table,
): Message<Tag, Table> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new LineError("not JSON", { cause });
  }
  const given = object(value, "the line");
  const kind = text(given[tag], tag);
  const fields = Object.hasOwn(table, kind) ? table[kind] : undefined;
  if (!fields) throw new LineError(`${tag}: none of ${Object.keys(table).join(", ")}`);
  const checked = Object.entries(fields).map(([key, field]) => [key, field(given[key], key)]);
  return { [tag]: kind, ...Object.fromEntries(checked) } as Message<Tag, Table>;
}

export function object(value: unknown, key: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new LineError(`${key}: no object`);
  return value as Record<string, unknown>;
}

export function text(value: unknown, key: string): string {
  if (typeof value !== "string") throw new LineError(`${key}: no text`);
  return value;
}

export function integer(value: unknown, key: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw new LineError(`${key}: no whole number`);
  return value;
}

export function flag(value: unknown, key: string): boolean {
  if (typeof value !== "boolean") throw new LineError(`${key}: neither true nor false`);
  return value;
}

/** Bytes as lower-case hexadecimal. */
export function hex(value: unknown, key: string): string {
  const digits = text(value, key);
  if (!/^(?:[0-9a-f]{2})*$/.test(digits)) throw new LineError(`${key}: not lower-case hexadecimal`);
  return digits;
}

export function address(value: unknown, key: string): Address {
  const parsed = parseAddress(text(value, key));
  if (!parsed) throw new LineError(`${key}: no Bluetooth address`);
  return parsed;
}

export function oneOf<T extends string>(...allowed: readonly T[]): Field<T> {
  return (value, key) => {
    const found = allowed.find((each) => each === value);
    if (found === undefined) throw new LineError(`${key}: none of ${allowed.join(", ")}`);
    return found;
  };
}

export function listOf<T>(item: Field<T>): Field<readonly T[]> {
  return (value, key) => {
    if (!Array.isArray(value)) throw new LineError(`${key}: no list`);
    return value.map((entry) => item(entry, key));
  };
}

export function maybe<T>(field: Field<T>): Field<T | undefined> {
  return (value, key) => (value === undefined ? undefined : field(value, key));
}

/** Splits a stream into lines; `onLine` gets each without its end. The result @throws {LineError} at a line too long */
export function lineReader(maxBytes: number, onLine: (line: string) => void): (chunk: Buffer) => void {
  let held: Buffer[] = [];
  let heldBytes = 0;
  return (chunk) => {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...held, chunk.subarray(from, end)]);
      held = [];
      heldBytes = 0;
      from = end + 1;
      onLine(line.toString("utf8"));
    }
    held.push(chunk.subarray(from));
    heldBytes += chunk.length - from;
    if (heldBytes > maxBytes) throw new LineError(`a line of more than ${maxBytes} bytes`);
  };
}
