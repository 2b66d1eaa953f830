import type { CentralHandlers, Peripheral } from "../../../../simulator/peripheral.ts";

const PACK = "A4:C1:37:00:00:01";

export interface ScriptedPeripheral extends Peripheral {
  /** The central that holds it. */
  central: CentralHandlers | undefined;
  /** What centrals did, in words. */
  readonly heard: string[];
  isAdvertising: boolean;
}

/** A pack with one value to read, one to write and one to be notified of. */
export function scriptedPeripheral(options: Partial<Peripheral> = {}, value = Uint8Array.of(7)): ScriptedPeripheral {
  const heard: string[] = [];
  const peripheral: ScriptedPeripheral = {
    address: PACK,
    addressType: "public",
    mtu: 23,
    services: [
      {
        uuid: "ff00",
        characteristics: [
          { uuid: "ff01", properties: ["read", "notify"] },
          { uuid: "ff02", properties: ["writeWithoutResponse"] },
        ],
      },
    ],
    central: undefined,
    heard,
    isAdvertising: true,
    advertisement() {
      if (!peripheral.isAdvertising || peripheral.central) return undefined;
      const { address, addressType } = peripheral;
      return { address, addressType, name: "pack", rssi: -60, services: ["ff00"], manufacturerData: new Map() };
    },
    connect(central) {
      peripheral.central = central;
      return {
        read: async () => value,
        write: (characteristic, bytes) => heard.push(`write ${characteristic} ${Buffer.from(bytes).toString("hex")}`),
        subscribe: (characteristic, on) => heard.push(`subscribe ${characteristic} ${on}`),
        close() {
          heard.push("close");
          peripheral.central = undefined;
        },
      };
    },
    ...options,
  };
  return peripheral;
}
