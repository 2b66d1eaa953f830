// Prints for each advertisement in a file what the drivers recognise: `npm run -s recognise -- FILE`, one JSON line each.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { recognise } from "../../agent/drivers/recognise.ts";
import { type Advertisement, normaliseUuid } from "../../agent/radio/radio.ts";
import { parseAddress } from "../../common/model/address.ts";

/** One entry of the file: an advertisement as it was published. */
export interface RecordedAdvertisement {
  readonly id: string;
  readonly name: string | null;
  /** A single one may be a string instead of a list. */
  readonly services: readonly string[] | string;
  /** Payload in hexadecimal digits by company identifier in decimal ones. */
  readonly manufacturerData: Readonly<Record<string, string>>;
  readonly rssi: number | null;
  /** The address, often with its second half replaced by zeros; null where it was not published. */
  readonly addressPrefix: string | null;
}

/** Not the address of any device. */
const UNKNOWN_ADDRESS = "00:00:00:00:00:00";

/** The advertisement as a radio reports it. */
export function advertisementOf(entry: RecordedAdvertisement): Advertisement {
  return {
    address: parseAddress(entry.addressPrefix ?? "") ?? UNKNOWN_ADDRESS,
    addressType: "public",
    name: entry.name ?? "",
    rssi: entry.rssi ?? undefined,
    services: [entry.services].flat().map(normaliseUuid),
    manufacturerData: new Map(
      Object.entries(entry.manufacturerData).map(([company, hex]) => [
        Number(company),
        Uint8Array.from(Buffer.from(hex, "hex")),
      ]),
    ),
  };
}

/** @throws {Error} when the file cannot be read or is not a list of advertisements */
function advertisementsIn(file: string): readonly RecordedAdvertisement[] {
  const entries: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!Array.isArray(entries)) throw new Error(`${file} does not hold a list`);
  for (const [i, entry] of entries.entries()) {
    if (!isRecordedAdvertisement(entry)) throw new Error(`entry ${i} of ${file} is not an advertisement`);
  }
  return entries;
}

function isRecordedAdvertisement(entry: unknown): entry is RecordedAdvertisement {
  if (typeof entry !== "object" || entry === null) return false;
  const { id, services, manufacturerData } = entry as Record<string, unknown>;
  return (
    typeof id === "string" &&
    (Array.isArray(services) || typeof services === "string") &&
    typeof manufacturerData === "object" &&
    manufacturerData !== null
  );
}

function main(files: readonly string[]): number {
  const [file, ...more] = files;
  if (file === undefined || more.length > 0) {
    process.stderr.write("usage: npm run -s recognise -- FILE\n");
    return 2;
  }
  try {
    for (const entry of advertisementsIn(file)) {
      const { driver, confidence = null, why = null } = recognise(advertisementOf(entry)) ?? {};
      process.stdout.write(`${JSON.stringify({ id: entry.id, kind: driver?.name ?? null, confidence, why })}\n`);
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return 2;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  // EPIPE: the reader of stdout has exited.
  process.stdout.on("error", () => process.exit(1));
  process.exitCode = main(process.argv.slice(2));
}
