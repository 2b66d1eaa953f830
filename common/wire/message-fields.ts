import { MsgpackReader } from "./msgpack-reader.ts";
import { WireError } from "./wire-error.ts";

/** The fields of one message, each checked as it is asked for. Unknown ones are never looked at. */
export interface MessageFields {
  /** @throws {WireError} field */
  text(name: string, isValid: (text: string) => boolean): string;
  /** A whole number, `least` or more. @throws {WireError} field */
  count(name: string, least: number): number;
  /** The reader, before the field's value. @throws {WireError} field */
  enter(name: string): MsgpackReader;
}

/**
 * Opens a message of one version and kind.
 *
 * @throws {WireError} malformed, version, kind
 * @throws {RangeError} from here and from every field, where bytes are missing or are no msgpack.
 */
export function openMessage(bytes: Uint8Array, version: number, kind: string): MessageFields {
  const reader = new MsgpackReader(bytes);
  const pairs = reader.map();
  if (pairs === undefined) throw new WireError("malformed", "not a map");
  const positions = new Map<string, number>();
  for (let i = 0; i < pairs; i += 1) {
    const name = reader.string();
    if (name === undefined) throw new WireError("malformed", "a key is no text");
    positions.set(name, reader.position);
    reader.passOver();
  }
  if (!reader.atEnd) throw new WireError("malformed", "bytes are left over");

  const enter = (name: string) => {
    const position = positions.get(name);
    if (position === undefined) throw new WireError("field", `${name} is missing`);
    reader.position = position;
    return reader;
  };
  const theirs = positions.has("v") ? enter("v").number() : undefined;
  if (theirs !== version) throw new WireError("version", `version ${theirs ?? "unknown"}, here is ${version}`);
  const theirKind = positions.has("t") ? enter("t").string() : undefined;
  if (theirKind !== kind) throw new WireError("kind", `kind ${quote(theirKind)}, expected ${quote(kind)}`);

  return {
    enter,
    text(name, isValid) {
      const text = enter(name).string();
      if (text === undefined || !isValid(text)) throw new WireError("field", `${name} is ${quote(text)}`);
      return text;
    },
    count(name, least) {
      const count = enter(name).number();
      if (count === undefined || !Number.isSafeInteger(count) || count < least) {
        throw new WireError("field", `${name} is ${count ?? "no number"}`);
      }
      return count;
    },
  };
}

/** A stranger's text, safe to log. */
function quote(text: string | undefined): string {
  return text === undefined ? "no text" : JSON.stringify(text.slice(0, 40));
}
