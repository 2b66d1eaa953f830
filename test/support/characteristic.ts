import type { Characteristic } from "../../agent/radio/radio.ts";

/** The address of a characteristic, as links take it. */
export const characteristic = (service: string, uuid: string): Characteristic => ({ service, characteristic: uuid });
