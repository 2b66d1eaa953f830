// Decodes recorded requests and replies about settings: `npm run -s decode-settings -- FILE`, one JSON line per exchange.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import type { Framing } from "../../agent/codec/assembler.ts";
import { FrameError } from "../../agent/codec/frame-error.ts";
import { decodePack } from "../../agent/drivers/jbd/basic-information.ts";
import {
  decodeReply,
  decodeRequest,
  encodeReply,
  encodeWriteRequest,
  type JbdRequest,
  jbdFraming,
  refusal,
} from "../../agent/drivers/jbd/frame.ts";
import {
  decodeModuleFrame,
  encodeModuleFrame,
  MODULE_COMMANDS,
  MODULE_STATUS,
  moduleFraming,
} from "../../agent/drivers/jbd/module-frame.ts";
import { decodeCells, decodeModel } from "../../agent/drivers/jbd/registers.ts";
import { type Coding, decodeRegister, encodeRegister, withoutValues } from "../../agent/drivers/jbd/settings/codec.ts";
import type { Values } from "../../agent/drivers/jbd/settings/parameter.ts";
import { printable } from "../../common/model/printable.ts";

/** One entry of the file: a request as it was recorded, and the reply. */
export interface RecordedExchange {
  readonly id: string;
  /** The recording: exchanges of one group are those of one board. */
  readonly group?: string;
  readonly request: string;
  /** Null where none was recorded. */
  readonly reply: string | null;
}

export type DecodedExchange = { readonly id: string; readonly register: string | null } & (
  | { readonly ok: true; readonly values: Values; readonly encoded: string }
  | { readonly ok: false; readonly error: string }
);

/** Meaning of an exchange; `coding` is that of its board. */
export function decodeExchange({ id, request, reply }: RecordedExchange, coding: Coding): DecodedExchange {
  const sent = bytesOf(request);
  const received = reply === null ? undefined : bytesOf(reply);
  const asked = decodeRequest(sent);
  const head = { id, register: asked ? registerName(asked.register) : null };
  try {
    const result = moduleFraming.starts(sent)
      ? decodeModuleExchange(sent, received)
      : decodeBoardExchange(asked, received, coding);
    return { ...head, ok: true, ...result };
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return { ...head, ok: false, error: error.message };
  }
}

/** The coding of the board that each exchange belongs to, by its group: 0x2D gives the units, 0x00 the chip. */
export function codingOfGroups(exchanges: readonly RecordedExchange[]): (exchange: RecordedExchange) => Coding {
  const byGroup = new Map<string | undefined, Coding>();
  for (const { group, request, reply } of exchanges) {
    const asked = decodeRequest(bytesOf(request));
    const [high = 0, low = 0] = (reply !== null && asked && !asked.write && soundReply(bytesOf(reply), asked)) || [];
    const known = byGroup.get(group) ?? NORMAL;
    if (asked?.register === FUNCTIONS) byGroup.set(group, { ...known, tenfold: known.tenfold || (high & 0x10) !== 0 });
    if (asked?.register === CHIP && !asked.write && reply !== null) byGroup.set(group, { ...known, chip: low });
  }
  return ({ group }) => byGroup.get(group) ?? NORMAL;
}

const NORMAL: Coding = { tenfold: false };
const CHIP = 0x00;
const FUNCTIONS = 0x2d;

interface Decoded {
  readonly values: Values;
  readonly encoded: string;
}

/** @throws {FrameError} */
function decodeBoardExchange(asked: JbdRequest | undefined, received: Uint8Array | undefined, coding: Coding): Decoded {
  if (!asked) throw new FrameError("malformed", "the request is damaged");
  const { register, write } = asked;
  if (!received && !write) throw new FrameError("malformed", "no answer was recorded");
  const answer = received && replyTo(received, asked);
  const data = write || !answer ? asked.data : answer;
  const values = { ...decodeRegister(register, data, coding), ...(!write && OTHER_REGISTERS.get(register)?.(data)) };
  const anew = encodeRegister(register, values, withoutValues(register, values, data, coding), coding);
  const frame = write ? encodeWriteRequest(register, anew) : encodeReply({ register, status: 0, payload: anew });
  return { values, encoded: hexOf(frame) };
}

/** Registers outside the table of settings; those that hold none of its values are only checked. */
const OTHER_REGISTERS: ReadonlyMap<number, (payload: Uint8Array) => Values> = new Map([
  [0x03, checked(decodePack)],
  [0x04, checked(decodeCells)],
  [0x05, (payload: Uint8Array) => ({ model: decodeModel(payload) })],
  [0xfa, (payload: Uint8Array) => ({ data: hexOf(payload) })],
]);

function checked(decode: (payload: Uint8Array) => unknown): (payload: Uint8Array) => Values {
  return (payload) => {
    decode(payload);
    return {};
  };
}

/** The data of the reply. @throws {FrameError} when it is damaged, an error, or not the reply to this request */
function replyTo(received: Uint8Array, { register }: JbdRequest): Uint8Array {
  if (decodeRequest(received)) throw new FrameError("malformed", "the request came back instead of a reply");
  requireSound(received, jbdFraming);
  const reply = decodeReply(received);
  if (reply.register !== register) {
    throw new FrameError("malformed", `the reply is one of register ${registerName(reply.register)}`);
  }
  if (reply.status !== 0) throw refusal(reply);
  return reply.payload;
}

function soundReply(received: Uint8Array, asked: JbdRequest): Uint8Array | undefined {
  try {
    return replyTo(received, asked);
  } catch {
    return undefined;
  }
}

const REFUSABLE: readonly number[] = [MODULE_COMMANDS.appKey, MODULE_COMMANDS.password];

/** A command with data is a write, one without is a read. @throws {FrameError} */
function decodeModuleExchange(sent: Uint8Array, received: Uint8Array | undefined): Decoded {
  requireSound(sent, moduleFraming);
  const asked = decodeModuleFrame(sent);
  const isRead = asked.data.length === 0;
  if (!received) {
    if (isRead) throw new FrameError("malformed", "no answer was recorded");
    return { values: {}, encoded: hexOf(encodeModuleFrame(asked)) };
  }
  requireSound(received, moduleFraming);
  const reply = decodeModuleFrame(received);
  if (reply.command !== asked.command) throw new FrameError("malformed", "the reply is one of another command");
  if (REFUSABLE.includes(reply.command) && reply.data[0] === MODULE_STATUS.rejected) {
    throw new FrameError("refused", "the Bluetooth module refused the command");
  }
  return { values: {}, encoded: hexOf(encodeModuleFrame(isRead ? reply : asked)) };
}

/** @throws {FrameError} unless the bytes are exactly one sound frame */
function requireSound(bytes: Uint8Array, framing: Framing): void {
  const fault = framing.starts(bytes) && framing.size(bytes) === bytes.length ? framing.fault(bytes) : "malformed";
  if (fault) throw new FrameError(fault, `the frame ${hexOf(bytes)} is damaged (${fault})`);
}

const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const registerName = (register: number) => `0x${register.toString(16).toUpperCase().padStart(2, "0")}`;

/** @throws {Error} when the file cannot be read or does not hold exchanges */
export function exchangesIn(file: string): readonly RecordedExchange[] {
  const content: unknown = JSON.parse(readFileSync(file, "utf8"));
  const exchanges = (content as { exchanges?: unknown } | null)?.exchanges;
  if (!Array.isArray(exchanges)) throw new Error(`${file} does not hold a list "exchanges"`);
  for (const [i, exchange] of exchanges.entries()) {
    if (!isExchange(exchange))
      throw new Error(`exchange ${i} of ${file} has no id, request and reply in hexadecimal digits`);
  }
  return exchanges;
}

function isExchange(exchange: unknown): exchange is RecordedExchange {
  if (typeof exchange !== "object" || exchange === null) return false;
  const { id, request, reply = null } = exchange as Record<string, unknown>;
  return typeof id === "string" && isHex(request) && (reply === null || isHex(reply));
}

function isHex(text: unknown): boolean {
  return typeof text === "string" && /^([0-9a-f]{2})*$/i.test(text);
}

function main(files: readonly string[]): number {
  const [file, ...more] = files;
  if (file === undefined || more.length > 0) {
    process.stderr.write("usage: npm run -s decode-settings -- FILE\n");
    return 2;
  }
  try {
    const exchanges = exchangesIn(file);
    const codingOf = codingOfGroups(exchanges);
    for (const exchange of exchanges) {
      process.stdout.write(`${printable(JSON.stringify(decodeExchange(exchange, codingOf(exchange))))}\n`);
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${printable(error instanceof Error ? error.message : String(error))}\n`);
    return 2;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  // EPIPE: the reader of stdout has exited.
  process.stdout.on("error", () => process.exit(1));
  process.exitCode = main(process.argv.slice(2));
}
