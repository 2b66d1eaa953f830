import { type Address, parseAddress } from "../../../common/model/address.ts";
import type { Sample } from "../../../common/model/reading.ts";
import type { RecordedFrame } from "../recorded-frame.ts";
import { readRecorded } from "../recorded-frame.ts";
import { recordForms, recordFraming } from "./record.ts";
import { readRecord } from "./session.ts";

const ADDRESS_SIZE = 6;

/** Decodes a record that was published without the address of its device: the address in front of it is taken for the device's. */
export async function decodeFrame({ notifications }: RecordedFrame): Promise<Sample> {
  const forms = recordForms(addressBefore(notifications));
  return readRecorded(
    {
      bytes: new Uint8Array(),
      framing: recordFraming(forms),
      matches: () => true,
      read: (record) => readRecord(forms, record),
    },
    notifications,
  );
}

const NO_ADDRESS: Address = "00:00:00:00:00:00";

/** The address that the bytes begin with, if a device can have it: neither that of a group nor a private one. */
function addressBefore(notifications: readonly Uint8Array[]): Address {
  const bytes = Buffer.concat(notifications).subarray(0, ADDRESS_SIZE);
  const [first = 0] = bytes;
  const isOfDevice = (first & 0b1100_0000) === 0b1100_0000 || (first & 1) === 0;
  return (isOfDevice && parseAddress(bytes.toString("hex"))) || NO_ADDRESS;
}
