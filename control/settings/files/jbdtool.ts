import { isTi, OC_THRESHOLDS, SC_THRESHOLDS } from "../../../agent/drivers/jbd/settings/front-end.ts";
import type { Parameter, Structure, Value, Values } from "../../../agent/drivers/jbd/settings/parameter.ts";
import { SETTINGS } from "../../../agent/drivers/jbd/settings/table/table.ts";
import { ProfileError } from "./profile.ts";
import { valuesOf } from "./raw-counts.ts";

/** Names of the bits of BatteryConfig, in order. Those of NtcConfig are NTC1 to NTC8. */
const FUNCTIONS = ["Switch", "SCRL", "BALANCE_EN", "CHG_BALANCE", "LED_EN", "LED_NUM", "RTC", "EDV"];
const SENSORS = Array.from({ length: 8 }, (_, i) => `NTC${i + 1}`);

/** jbdtool's own name where it is not the vendor's. */
const NAMES: Readonly<Record<string, string>> = { short_circuit_release: "SCRelease" };

/**
 * The settings in a file of `jbdtool -j`: raw counts under the vendor's names, signed ones with a sign, but 0x38 and 0x39 in
 * parts. Names that are no settings are ignored.
 * @throws {ProfileError}
 */
export function parseJbdtool(text: string, chip?: number): Values {
  const content = objectIn(text);
  const plain = SETTINGS.filter(({ field }) => !["shortCircuit", "overcurrent", "hardDelays"].includes(field.kind));
  const counts = plain.flatMap((parameter) => {
    const name = NAMES[parameter.key] ?? parameter.fig ?? parameter.key;
    return content[name] === undefined ? [] : [[parameter.key, countOf(name, content[name], parameter)] as const];
  });
  const values = valuesOf(new Map(counts), chip);
  if (Object.keys(values).length === 0)
    throw new ProfileError("this JSON holds no settings under the names of jbdtool");
  return { ...values, ...(isTi(chip) && frontEndValues(content)) };
}

type Content = Readonly<Record<string, unknown>>;

function objectIn(text: string): Content {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new ProfileError("this is not JSON", { cause: error });
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new ProfileError("a file of jbdtool holds one JSON object");
  }
  return content as Content;
}

function countOf(name: string, value: unknown, { field }: Parameter): number | string {
  if (Array.isArray(value) && field.kind === "bits") return maskOf(name, value);
  if (typeof value === "number" || (typeof value === "string" && field.kind === "text")) return value;
  throw new ProfileError(`${name} must be ${field.kind === "text" ? "a text" : "an integer"}`);
}

function maskOf(name: string, words: readonly unknown[]): number {
  const names = name === "NtcConfig" ? SENSORS : FUNCTIONS;
  return words.reduce((mask: number, word) => {
    const bit = names.indexOf(String(word));
    if (bit < 0) throw new ProfileError(`${name} holds ${word}, which is none of ${names.join(", ")}`);
    return mask | (1 << bit);
  }, 0);
}

/** The parts of 0x38 and 0x39. jbdtool does not double the thresholds. */
function frontEndValues(content: Content): Values {
  const { DoubleOCSC: isDoubled } = content;
  const doubled = isDoubled === true || isDoubled === 1;
  const values: Record<string, Value | undefined> = {
    short_circuit: parts(content, ["SCDelay", "SCValue"], ([delay, threshold]) => ({
      doubled,
      delay_us: delay,
      threshold_mV: thresholdOf(threshold, SC_THRESHOLDS, doubled),
    })),
    overcurrent2: parts(content, ["DSGOC2Delay", "DSGOC2"], ([delay, threshold]) => ({
      delay_ms: delay,
      threshold_mV: thresholdOf(threshold, OC_THRESHOLDS, doubled),
    })),
    hard_cell_delays: parts(content, ["HCUVPDelay", "HCOVPDelay"], ([under, over]) => ({
      cell_uv_s: under,
      cell_ov_s: over,
    })),
  };
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, Value] => entry[1] !== undefined));
}

/** Undefined where a part is missing. */
function parts(
  content: Content,
  names: readonly [string, string],
  structure: (values: readonly [number, number]) => Structure,
): Structure | undefined {
  const [first, second] = names.map((name) => content[name]);
  return typeof first === "number" && typeof second === "number" ? structure([first, second]) : undefined;
}

function thresholdOf(value: number, tables: typeof SC_THRESHOLDS | typeof OC_THRESHOLDS, doubled: boolean): number {
  const index = (tables.single as readonly number[]).indexOf(value);
  const threshold = doubled ? tables.doubled[index] : tables.single[index];
  if (threshold === undefined)
    throw new ProfileError(`a threshold of ${value} mV is none of ${tables.single.join(", ")}`);
  return threshold;
}
