import { ant } from "./ant/ant.ts";
import { daly } from "./daly/daly.ts";
import type { Driver } from "./driver.ts";
import { ecoworthy } from "./ecoworthy/ecoworthy.ts";
import { jbd } from "./jbd/jbd.ts";
import { jk } from "./jk/jk.ts";
import { litime } from "./litime/litime.ts";
import { MODBUS_DRIVERS } from "./modbus/modbus.ts";
import { thornwave } from "./thornwave/thornwave.ts";
import { victron } from "./victron/victron.ts";

/** Every driver: the only file that knows them all. */
export const DRIVERS: readonly Driver[] = [
  ...MODBUS_DRIVERS,
  ant,
  ecoworthy,
  jbd,
  daly,
  jk,
  litime,
  thornwave,
  victron,
];
