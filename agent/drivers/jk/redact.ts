import type { Redact } from "../driver.ts";
import { headerIn, RECORD_SIZE, RECORD_TYPES } from "./frame.ts";

/** The last offset of an information record that is kept: model, hardware and software are before it. */
const KEPT = 38;
const SOFTWARE_AT = 30;
const TYPE_AT = 4;
const SOFTWARE = /^\d+\.[\w.]+\0*$/;

/**
 * Redacts what one link receives: information records hold passwords in clear. Offsets cannot be trusted, since
 * notifications are lost, doubled and mixed with others; so all is replaced by zeros from the end of the software version to
 * the next record, and a notification without that version even before. The sum is changed by as much.
 */
export function redactor(): Redact {
  /** Offset in the present information record; undefined outside of one. */
  let at: number | undefined;
  let removed = 0;

  /** Bytes of one notification that belong to one record, from its header on or from within. */
  function redactPart(part: Uint8Array): void {
    if (headerIn(part, 0) === 0 && part.length > TYPE_AT) {
      at = part[TYPE_AT] === RECORD_TYPES.information ? 0 : undefined;
      removed = 0;
    }
    if (at === undefined) return;
    const start = at;
    at += part.length;
    const version = String.fromCharCode(...part.subarray(Math.max(0, SOFTWARE_AT - start), Math.max(0, KEPT - start)));
    const isTrusted = start === 0 || (version.length === KEPT - SOFTWARE_AT && SOFTWARE.test(version));
    const from = isTrusted ? Math.max(0, KEPT - start) : 0;
    const sumAt = RECORD_SIZE - 1 - start;
    for (let i = from; i < part.length && i !== sumAt; i++) {
      removed += part[i] ?? 0;
      part[i] = 0;
    }
    if (sumAt >= 0 && sumAt < part.length) part[sumAt] = (part[sumAt] ?? 0) - removed;
  }

  /** The end of what was received before, where a header may have begun in it. */
  let before: Uint8Array = new Uint8Array();

  return (direction, bytes) => {
    if (direction === "sent") return Uint8Array.from(bytes);
    const all = Uint8Array.of(...before, ...bytes);
    const splitAt = headerIn(all, 0);
    const isSplit = splitAt >= 0 && splitAt < before.length;
    const copy = isSplit ? all.subarray(splitAt) : all.subarray(before.length);
    const kept = isSplit ? before.length - splitAt : 0;
    before = all.slice(-TYPE_AT);
    let from = 0;
    while (from < copy.length) {
      const next = headerIn(copy, from + 1);
      const end = next < 0 ? copy.length : next;
      redactPart(copy.subarray(from, end));
      from = end;
    }
    return Uint8Array.from(copy.subarray(kept));
  };
}
