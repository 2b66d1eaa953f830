import { sendCommand } from "../../lab/guest/controller-client.ts";
import { addressOf, type BatteryName } from "./places.ts";

/** Puts a fault around a battery. */
export async function trouble(battery: BatteryName, fault: string): Promise<void> {
  await sendCommand(`set ${addressOf(battery)} ${fault}`);
}

export async function relieve(battery: BatteryName, fault: string): Promise<void> {
  await sendCommand(`clear ${addressOf(battery)} ${fault}`);
}
