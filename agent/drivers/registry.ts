import type { Driver } from "./driver.ts";
import { jbd } from "./jbd/jbd.ts";
import { MODBUS_DRIVERS } from "./modbus/modbus.ts";
import { thornwave } from "./thornwave/thornwave.ts";
import { victron } from "./victron/victron.ts";

/** Every driver: the only file that knows them all. */
export const DRIVERS: readonly Driver[] = [jbd, thornwave, ...MODBUS_DRIVERS, victron];
