import type { Pattern } from "../driver.ts";

/** Both are shared with many other devices, so neither decides alone. */
const SERVICES = ["fff0", "ff00"];

/** Names of the modules; owners can change them. */
const NAMES = ["DL-*", "JHB-*"];

/** No company identifiers, but the first two bytes of the manufacturer data. */
const COMPANIES = [0x0102, 0x0104, 0x0302, 0x0303, 0x0402];

/** Those and one more byte, the device's address, and `DL` or `JH`. */
const DATA = COMPANIES.flatMap((company) =>
  ["444c", "4a48"].map((letters) => `${company.toString(16).padStart(4, "0")} ${"?".repeat(14)}${letters}`),
);

/** From the advertisements of nine modules in patman15/aiobmsble (test_data/daly_bms.json) and its issues. */
export const DALY_PATTERNS: readonly Pattern[] = [
  { confidence: "certain", manufacturerDataPrefixes: DATA, addressInManufacturerData: true },
  { confidence: "likely", manufacturerDataPrefixes: DATA },
  { confidence: "likely", services: SERVICES, names: NAMES },
  { confidence: "likely", companies: COMPANIES, names: NAMES },
  { confidence: "possible", services: SERVICES },
];
