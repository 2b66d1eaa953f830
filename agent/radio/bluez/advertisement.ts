import { nobleUuid } from "../noble/names.ts";
import type { DeviceObject } from "./objects.ts";

/** What a device advertises, as noble's bindings tell it: of the manufacturers' data one, its company in front. */
export function advertisementOf({ name, services, manufacturerData }: DeviceObject) {
  const [first] = manufacturerData;
  return {
    localName: name || undefined,
    serviceUuids: services.map(nobleUuid),
    manufacturerData: first && Buffer.concat([companyBytes(first[0]), first[1]]),
  };
}

function companyBytes(company: number): Buffer {
  return Buffer.from([company & 0xff, company >> 8]);
}
