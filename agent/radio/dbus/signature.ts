/** A complete type of a D-Bus signature (D-Bus specification, "Type System"). */
export interface Type {
  /** The type code; `(` for a struct, `{` for the entry of a dictionary. */
  readonly code: string;
  /** Of its first byte. */
  readonly alignment: number;
  /** The element of an array, the fields of a struct, key and value of an entry. */
  readonly inner: readonly Type[];
}

/** Bytes that the code stands for are aligned to this. */
const ALIGNMENTS: Readonly<Record<string, number>> = {
  ...{ y: 1, g: 1, v: 1, n: 2, q: 2, b: 4, i: 4, u: 4, h: 4, s: 4, o: 4, a: 4 },
  ...{ x: 8, t: 8, d: 8, "(": 8, "{": 8 },
};
const CLOSING: Readonly<Record<string, string>> = { "(": ")", "{": "}" };
/** As the specification allows for arrays and structs together. */
const MAX_DEPTH = 64;
/** Signatures that are remembered: those of all messages of bluetoothd are a fraction of it. */
const MAX_KNOWN = 256;
const known = new Map<string, readonly Type[]>();

/** The types that a signature lists. @throws {Error} if it is not one */
export function typesOf(signature: string): readonly Type[] {
  const remembered = known.get(signature);
  if (remembered) return remembered;
  const types = parse(signature);
  if (known.size === MAX_KNOWN) known.clear();
  known.set(signature, types);
  return types;
}

function parse(signature: string): readonly Type[] {
  let at = 0;
  function next(depth: number): Type {
    const code = signature[at++] ?? "";
    const alignment = ALIGNMENTS[code];
    if (alignment === undefined || depth > MAX_DEPTH) throw new Error(`not a D-Bus signature: ${signature}`);
    const inner: Type[] = [];
    if (code === "a") inner.push(next(depth + 1));
    const closing = CLOSING[code];
    if (closing) {
      do inner.push(next(depth + 1));
      while (signature[at] !== closing);
      at += 1;
    }
    return { code, alignment, inner };
  }
  const types: Type[] = [];
  while (at < signature.length) types.push(next(0));
  return types;
}
