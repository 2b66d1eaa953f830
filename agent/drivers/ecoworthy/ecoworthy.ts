import { RadioError } from "../../radio/radio.ts";
import type { Driver } from "../driver.ts";
import { openPushedRecords } from "../pushed-records.ts";
import { decodeFrame } from "./frames.ts";
import { recordForms } from "./record.ts";
import { openSession } from "./session.ts";

const SERVICE = "fff0";
const NOTIFY = { service: SERVICE, characteristic: "fff1" };
const WRITE = { service: SERVICE, characteristic: "fff2" };
/** A sister brand sells the same modules. Other devices of the brand have other names. */
const NAMES = ["ECO-WORTHY ??_????", "DCHOUSE ??_????"];

/** ECO-WORTHY and DCHOUSE batteries with the module "BW02", which push records. Facts and sources: docs/devices/ecoworthy.md. */
export const ecoworthy: Driver = {
  name: "ecoworthy",
  about: "ECO-WORTHY and DCHOUSE batteries",
  identify: [
    { confidence: "certain", names: NAMES, addressInManufacturerData: true },
    { confidence: "certain", names: NAMES, services: [SERVICE] },
    { confidence: "likely", names: NAMES },
  ],
  pushes: true,
  decodeFrame,
  async open(link) {
    if (!link.services.includes(SERVICE)) {
      const offered = link.services.join(", ") || "no services";
      throw new RadioError("unsupported", `not an ECO-WORTHY battery: it offers ${offered}, not ${SERVICE}`);
    }
    const notifications = await link.subscribe(NOTIFY);
    const records = openPushedRecords((bytes) => link.write(WRITE, bytes, "command"), notifications);
    return openSession(records, recordForms(link.address));
  },
};
