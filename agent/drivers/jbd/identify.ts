import type { Pattern } from "../driver.ts";
import { hexByte } from "./frame.ts";

/**
 * Daly, Seplos, Braun Power, TianPower and Humsienk devices advertise service FF00 as well. The device's own address in
 * the manufacturer data does not distinguish them either: Humsienk's has it, too.
 */
const SERVICE = "ff00";
/** Of Eleksol packs. */
const ELEKSOL_SERVICE = "ff06";
/** Of DH04 modules, and of many other devices. */
const DH04_SERVICE = "fff0";

/** First halves of addresses registered by makers of these boards. */
const MAKERS = ["A5:C2:37", "A5:C2:39", "A5:C2:3A", "AA:C2:37", "A2:C2:37", "10:A5:62", "70:3E:97"];
/** Those of the radio chip's maker, which other devices have as well. */
const CHIPS = ["A4:C1:37", "A4:C1:38"];

/** Names that the brands give; owners can change them. */
const NAMES = [
  "JBD-*",
  "xiaoxiang*",
  "12???BL*",
  "24???BL*",
  "@KsM:*",
  "SJ-???-*",
  "TITAN-*",
  "LSG-*",
  "N-?????BL*",
  "SX1*",
  "SX60*",
  "SBL-*",
  "OGR-*",
  "TZ-H*",
  "DWF*",
];

/** From the advertisements of 38 packs in patman15/aiobmsble (test_data/jbd_bms.json) and its patterns. */
export const JBD_PATTERNS: readonly Pattern[] = [
  { confidence: "certain", services: [SERVICE], addressPrefixes: MAKERS },
  { confidence: "likely", services: [SERVICE], addressPrefixes: CHIPS },
  { confidence: "likely", services: [SERVICE], names: NAMES },
  { confidence: "likely", services: [ELEKSOL_SERVICE], addressPrefixes: MAKERS },
  { confidence: "possible", services: [SERVICE, ELEKSOL_SERVICE, DH04_SERVICE] },
];

/** Other protocols on service FF00, by the beginning of their frames (patman15/aiobmsble, one file in bms/ for each). */
const NEIGHBOURS: readonly { readonly family: string; readonly start: readonly number[] }[] = [
  { family: "Daly", start: [0xd2, 0x03] },
  { family: "Seplos V2", start: [0x7e] },
  { family: "Braun Power", start: [0x7b] },
  { family: "TianPower", start: [0x55, 0x14] },
  { family: "Humsienk", start: [0xaa] },
];

/** The meaning of a notification that begins as another family's frames do, for the operator. */
export function explainNeighbour(notification: Uint8Array): string | undefined {
  const neighbour = NEIGHBOURS.find(({ start }) => start.every((byte, i) => notification[i] === byte));
  if (!neighbour) return undefined;
  const start = neighbour.start.map(hexByte).join(" ");
  return `the device answers in the protocol of ${neighbour.family} (its frames begin with ${start}), not in JBD's: choose the --driver of that family, if there is one`;
}
