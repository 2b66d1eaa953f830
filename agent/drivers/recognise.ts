import type { Advertisement } from "../radio/radio.ts";
import type { Recognition } from "./driver.ts";
import { DRIVERS } from "./registry.ts";

export interface RecognisedKind extends Recognition {
  /** A driver's name. */
  readonly kind: string;
}

/** What a device on the air is, by the driver that is surest; undefined where no driver knows it. */
export function recogniseKind(heard: Advertisement): RecognisedKind | undefined {
  const kinds = DRIVERS.flatMap((driver) => {
    const recognition = driver.recognise(heard);
    return recognition ? [{ kind: driver.name, ...recognition }] : [];
  });
  return kinds.find(({ confidence }) => confidence === "certain") ?? kinds[0];
}
