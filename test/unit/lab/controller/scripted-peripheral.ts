import type { CentralHandlers, Peripheral } from "../../../../simulator/peripheral.ts";

const PACK = "A4:C1:37:00:00:01";

export interface ScriptedPeripheral extends Peripheral {
  /** The connected central. */
  central: CentralHandlers | undefined;
  /** Calls of centrals, as text. */
  readonly calls: string[];
  isAdvertising: boolean;
}

/** A pack with one value to read, one to write and one that notifies. */
export function scriptedPeripheral(options: Partial<Peripheral> = {}, value = Uint8Array.of(7)): ScriptedPeripheral {
  const calls: string[] = [];
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
    calls,
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
        write: (characteristic, bytes) => calls.push(`write ${characteristic} ${Buffer.from(bytes).toString("hex")}`),
        subscribe: (characteristic, on) => calls.push(`subscribe ${characteristic} ${on}`),
        close() {
          calls.push("close");
          peripheral.central = undefined;
        },
      };
    },
    ...options,
  };
  return peripheral;
}
