import type { Driver } from "./driver.ts";

/** Every driver: the only file that knows them all. */
export const DRIVERS: readonly Driver[] = [];
