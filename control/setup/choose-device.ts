import type { ScanResult } from "../../agent/drivers/discovery.ts";
import { formatColumns } from "../../common/cli/text.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import type { Prompt } from "./prompt.ts";

/** Lists the devices in range and asks which one to set up. @throws {UsageError} if there are none */
export async function chooseInRange(found: readonly ScanResult[], prompt: Prompt): Promise<ScanResult> {
  if (found.length === 0) {
    throw new UsageError(
      "no device found: switch the battery on, disconnect its app on any phone, come closer and try again",
    );
  }
  prompt.print(`\n${inRangeTable(found)}\n`);
  const pick = (answer: string) => found[Number(answer) - 1];
  const range = found.length === 1 ? "1" : `1 to ${found.length}`;
  const answer = await prompt.ask("Which one?", found[0]?.recognised ? "1" : "", (text) =>
    /^\d+$/.test(text) && pick(text) ? undefined : `expected a number from the first column, ${range}`,
  );
  return pick(answer) as ScanResult;
}

/** The devices in range, numbered from 1. */
export function inRangeTable(found: readonly ScanResult[]): string {
  const rows = found.map(({ advertisement, recognised }, index) => [
    String(index + 1),
    advertisement.address,
    advertisement.rssi === undefined ? "" : `${advertisement.rssi} dBm`,
    recognised ? `${recognised.driver.name} (${recognised.confidence}: ${recognised.why})` : "not recognised",
    advertisement.name,
  ]);
  return formatColumns(rows);
}

/** The device's own name, reduced to the characters of a service's name. */
export function suggestName({ advertisement, recognised }: ScanResult): string {
  const plain = advertisement.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return plain || recognised?.driver.name || "battery";
}
