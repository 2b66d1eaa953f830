import type { ScanResult } from "../../agent/drivers/discovery.ts";
import { formatColumns } from "../../common/cli/columns.ts";
import { UsageError } from "../../common/runtime/usage-error.ts";
import type { Questions } from "./prompt.ts";

/** Shows what is in range and asks which one is meant. @throws {UsageError} where there is nothing to choose from */
export async function chooseInRange(found: readonly ScanResult[], questions: Questions): Promise<ScanResult> {
  if (found.length === 0) {
    throw new UsageError(
      "nothing is in range: switch the battery on, disconnect its app on any phone, come closer, and try again",
    );
  }
  questions.tell(`\n${inRangeTable(found)}\n`);
  const pick = (answer: string) => found[Number(answer) - 1];
  const range = found.length === 1 ? "1" : `1 to ${found.length}`;
  const answer = await questions.ask("Which one?", found[0]?.recognised ? "1" : "", (text) =>
    /^\d+$/.test(text) && pick(text) ? undefined : `say a number from the first column, ${range}`,
  );
  return pick(answer) as ScanResult;
}

/** What was heard, numbered from 1. */
export function inRangeTable(found: readonly ScanResult[]): string {
  const rows = found.map(({ advertisement, recognised }, index) => [
    String(index + 1),
    advertisement.address,
    advertisement.rssi === undefined ? "" : `${advertisement.rssi} dBm`,
    recognised ? `${recognised.driver.name} (${recognised.confidence}: ${recognised.why})` : "not known",
    advertisement.name,
  ]);
  return formatColumns(rows);
}

/** A name to begin with: what the device calls itself, as far as a service can be called so. */
export function suggestName({ advertisement, recognised }: ScanResult): string {
  const plain = advertisement.name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return plain || recognised?.driver.name || "battery";
}
