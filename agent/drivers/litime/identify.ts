import type { Pattern } from "../driver.ts";

const SERVICE = "ffe0";

/** Company identifier 585A and the beginning of all addresses of these modules, which the payload repeats. */
const DATA = ["585A c84780"];

/**
 * Letters of the brand, then volts: LiTime (L, LT), Redodo (R, RO), Power Queen (P, PQ), Starry Sea (S, SS). An inverter
 * with the same module has another name and another protocol, so a name that is advertised must be one of these.
 */
const NAMES = ["12", "24", "36", "48", "51"].flatMap((volts) => [`?-${volts}*`, `??-${volts}*`]);
const UNNAMED = "";

/** From the advertisements of 13 packs in patman15/aiobmsble (test_data/redodo_bms.json) and its issues. */
export const LITIME_PATTERNS: readonly Pattern[] = [
  {
    confidence: "certain",
    services: [SERVICE],
    manufacturerDataPrefixes: DATA,
    addressInManufacturerData: true,
    names: [...NAMES, UNNAMED],
  },
  { confidence: "likely", services: [SERVICE], manufacturerDataPrefixes: DATA, names: NAMES },
  { confidence: "possible", services: [SERVICE] },
];
