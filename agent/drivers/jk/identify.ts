import type { Pattern } from "../driver.ts";

/** LiTime, ANT, SOK, LiPower, Heltec and toys with HM-10 modules have this service as well. */
export const SERVICE = "ffe0";

/** Company and beginning of the payload; the device's own address follows. ANT sends 88A0 under other companies. */
const MODULES = ["0B65 88A0", "FAD6 88A0"];
/** The letters JK as a company, without an address. */
const SMALL_BALANCERS = ["4B4A 0001"];

/**
 * Owners choose the names, so no pattern has one. Sources: advertisements in patman15/aiobmsble
 * (test_data/jikong_bms.json) and mr-manuel/venus-os_dbus-serialbattery#909.
 */
export const JK_PATTERNS: readonly Pattern[] = [
  {
    confidence: "certain",
    services: [SERVICE],
    manufacturerDataPrefixes: MODULES,
    addressInManufacturerData: true,
  },
  { confidence: "certain", services: [SERVICE], manufacturerDataPrefixes: SMALL_BALANCERS },
  // Some systems hide the address.
  { confidence: "likely", services: [SERVICE], manufacturerDataPrefixes: MODULES },
  { confidence: "possible", services: [SERVICE] },
];
