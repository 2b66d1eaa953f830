import { addExtension, Packr, Unpackr } from "msgpackr/index-no-eval";

// msgpackr turns extensions into Sets, Errors, RegExps, typed arrays, shared references and more. Messages have none of them:
// an extension of any type is skipped and reads as undefined. (Only msgpackr's records, extension 0x72, cannot be switched
// off; they make plain objects like maps do, and this build of msgpackr generates no code for them.)
for (let type = 0; type <= 0xff; type += 1) addExtension({ type, unpack: () => undefined });

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: "number" });

export function encodeMsgpack(value: unknown): Uint8Array {
  return packr.pack(value);
}

/**
 * Decodes one value that fills all bytes: null, booleans, numbers, strings, Buffers, arrays and plain objects, nested.
 * Integers beyond 2^53 lose digits. Nothing is known about the value until each field has been checked.
 *
 * @throws {Error} bytes are missing, left over, not msgpack, or nested more deeply than the stack allows
 */
export function decodeMsgpack(bytes: Uint8Array): unknown {
  return unpackr.unpack(bytes);
}

/** True for a decoded map. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
