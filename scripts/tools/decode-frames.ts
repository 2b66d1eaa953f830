// Decodes recorded frames by a driver's own decoder: `npm run -s decode-frames -- FAMILY FILE`, one JSON line per frame.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { FrameError } from "../../agent/codec/frame-error.ts";
import type { Driver } from "../../agent/drivers/driver.ts";
import type { DecodeFrame, RecordedFrame } from "../../agent/drivers/recorded-frame.ts";
import { DRIVERS } from "../../agent/drivers/registry.ts";
import { printable } from "../../common/model/printable.ts";
import { isQuantity } from "../../common/model/quantities.ts";
import type { Sample } from "../../common/model/reading.ts";

/** One item of the file: a frame as it was published. */
export interface PublishedFrame extends RecordedFrame {
  readonly id: string;
}

export type DecodedFrame = { readonly id: string } & (
  | { readonly ok: true; readonly values: Sample }
  | { readonly ok: false; readonly error: string }
);

/** The values of a frame, or the fault for which the driver refuses it. */
export async function decodePublished({ id, ...frame }: PublishedFrame, decode: DecodeFrame): Promise<DecodedFrame> {
  try {
    const values = Object.entries(await decode(frame)).filter(
      ([name, value]) => isQuantity(name) && value !== undefined,
    );
    return { id, ok: true, values: Object.fromEntries(values) };
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return { id, ok: false, error: error.fault };
  }
}

/** The decoder of a family. @throws {Error} where no driver has one */
export function decoderOf(family: string, drivers: readonly Driver[] = DRIVERS): DecodeFrame {
  const decode = drivers.find(({ name, family: shared = name }) => [name, shared].includes(family))?.decodeFrame;
  if (decode) return decode;
  const known = new Set(drivers.filter(({ decodeFrame }) => decodeFrame).map(({ name, family }) => family ?? name));
  throw new Error(`no family ${family}: choose one of ${[...known].join(", ")}`);
}

/** The items of a file: a list, or an object with the list `frames`. @throws {Error} where it is neither */
export function framesIn(content: unknown): readonly PublishedFrame[] {
  const list: unknown = Array.isArray(content) ? content : (content as { frames?: unknown } | null)?.frames;
  if (!Array.isArray(list)) throw new Error("it is not a list of frames");
  return list.map(frameIn);
}

/**
 * An item in any of the published forms: `layout`, `command` or `format` names the content; `notifications` are the pieces,
 * `frame` or `hex` the whole.
 */
function frameIn(item: unknown, index: number): PublishedFrame {
  if (typeof item !== "object" || item === null) throw new Error(`item ${index} is not an object`);
  const { id, layout, command, format, request, notifications, frame, hex, key } = item as Record<string, unknown>;
  const pieces = Array.isArray(notifications) ? notifications : [frame ?? hex];
  if (typeof id !== "string") throw new Error(`item ${index} has no id`);
  return {
    id,
    layout: [layout, command, format].find((name) => typeof name === "string") ?? "",
    notifications: pieces.map((piece) => bytesOf(piece, id)),
    ...(typeof request === "string" && { request: bytesOf(request, id) }),
    ...(typeof key === "string" && { pin: key }),
  };
}

function bytesOf(text: unknown, id: string): Uint8Array {
  const digits = typeof text === "string" ? text.replace(/\s/g, "") : "-";
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`${id} has bytes that are not hexadecimal digits`);
  return Uint8Array.from(Buffer.from(digits, "hex"));
}

async function main(args: readonly string[]): Promise<number> {
  const [family, file, ...more] = args;
  if (family === undefined || file === undefined || more.length > 0) {
    process.stderr.write("usage: npm run -s decode-frames -- FAMILY FILE\n");
    return 2;
  }
  try {
    const decode = decoderOf(family);
    for (const frame of framesIn(JSON.parse(readFileSync(file, "utf8")))) {
      process.stdout.write(`${printable(JSON.stringify(await decodePublished(frame, decode)))}\n`);
    }
    return 0;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${printable(`${file}: ${reason}`)}\n`);
    return 2;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  // EPIPE: the reader of stdout has exited.
  process.stdout.on("error", () => process.exit(1));
  process.exitCode = await main(process.argv.slice(2));
}
