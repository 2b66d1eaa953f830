import type { Direction, Redact } from "../driver.ts";
import { MODULE_COMMANDS, moduleFraming, PASSWORD_LENGTH } from "./module-frame.ts";

/** Header, command and length precede it; the sum follows it. */
const PAYLOAD_AT = 4;

/** Redacts the pieces of one link: a command may be cut before any byte, and its later pieces look like nothing. */
export function redactor(): Redact {
  const begun: Record<Direction, Uint8Array> = { sent: NOTHING, received: NOTHING };
  return (direction, bytes) => {
    const before = continues(begun[direction], bytes) ? begun[direction] : NOTHING;
    const joined = Uint8Array.of(...before, ...bytes);
    begun[direction] = unfinishedCommand(joined);
    return redact(direction, joined).subarray(before.length);
  };
}

const NOTHING = new Uint8Array();
const COMMANDS: ReadonlySet<number> = new Set(Object.values(MODULE_COMMANDS));

/** False where a reply of the board begins instead, because the rest of the command was lost. */
function continues(begun: Uint8Array, bytes: Uint8Array): boolean {
  const [start, register, status] = bytes;
  const isReply = start === 0xdd && register !== undefined && (status === 0x00 || status === 0x80);
  return begun.length > 0 && !isReply && isBeginning(Uint8Array.of(...begun, ...bytes));
}

/** The command at the end of these bytes that still lacks some; empty where there is none. */
function unfinishedCommand(bytes: Uint8Array): Uint8Array {
  for (let start = 0; start < bytes.length; start++) {
    const rest = bytes.subarray(start);
    const size = moduleFraming.size(rest);
    if (isBeginning(rest) && (size === undefined || rest.length < size)) return rest;
  }
  return NOTHING;
}

/** True as long as all bytes that are there fit a command that this program exchanges. */
function isBeginning([first, second, command, length]: Uint8Array): boolean {
  if (first !== 0xff || (second ?? 0xaa) !== 0xaa) return false;
  return (command === undefined || COMMANDS.has(command)) && (length ?? 0) <= PASSWORD_LENGTH;
}

/**
 * A copy in which passwords cannot be read. The cipher of the module's commands (module-frame.ts) is reversible: one
 * exchange gives the password away. So payloads become zeros, with the sum that belongs to them. Command, length and the
 * status byte of a reply stay, so that the exchange can be replayed.
 */
function redact(direction: Direction, bytes: Uint8Array): Uint8Array {
  const redacted = Uint8Array.from(bytes);
  for (let start = 0; start < redacted.length; start += 1) {
    const frame = redacted.subarray(start);
    if (frame[0] !== 0xff || frame[1] !== 0xaa) continue;
    if (isWhole(frame) || (start === 0 && mayBeCommand(frame))) redactCommand(frame, direction);
  }
  return redacted;
}

/** Only unlocking begins a link with a command to the module. */
export function beginsUnlocking(request: Uint8Array): boolean {
  return request.length > 1 && moduleFraming.starts(request);
}

function redactCommand(frame: Uint8Array, direction: Direction): void {
  const [, , command = 0, length = 0] = frame;
  const isStatus = direction === "received" && length === 1 && command !== MODULE_COMMANDS.challenge;
  if (isStatus) return;
  const sumAt = isWhole(frame) ? PAYLOAD_AT + length : frame.length;
  frame.fill(0, PAYLOAD_AT, sumAt);
  if (sumAt < frame.length) frame[sumAt] = command + length;
}

/**
 * True of a damaged or cut command that this program exchanges. FF AA alone is not enough: it is also -0.86 A, with which
 * a piece of a board's reply may begin.
 */
function mayBeCommand([, , command = 0, length = 0]: Uint8Array): boolean {
  return COMMANDS.has(command) && length <= PASSWORD_LENGTH;
}

/** False of bytes that begin like a command but are not one from header to sum. */
function isWhole(bytes: Uint8Array): boolean {
  const size = moduleFraming.size(bytes) ?? Number.POSITIVE_INFINITY;
  return bytes.length >= size && moduleFraming.fault(bytes.subarray(0, size)) === undefined;
}
