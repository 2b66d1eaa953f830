import { RadioError } from "../../radio/radio.ts";
import type { Driver } from "../driver.ts";
import { openRequestChannel } from "../request-response.ts";
import { BRANDS } from "./brands/brands.ts";
import { decodeFrame } from "./frames.ts";
import { openSession } from "./session.ts";

/**
 * Batteries that answer reads of Modbus registers, one driver for each brand: it is named as the battery is, and an operator
 * can choose it where an advertisement does not decide. All that distinguishes a brand is its table in brands/. Nothing
 * is ever written to a register. Facts and their sources: docs/devices/modbus.md.
 */
export const MODBUS_DRIVERS: readonly Driver[] = BRANDS.map((brand) => ({
  name: brand.name,
  family: "modbus",
  about: brand.about,
  identify: brand.identify,
  decodeFrame,
  async open(link) {
    const port = brand.ports.find(({ notify, write }) =>
      [notify, write].every(({ service }) => link.services.includes(service)),
    );
    if (!port) {
      const wanted = brand.ports.map(({ notify }) => notify.service).join(" or ");
      const offered = link.services.join(", ") || "no services";
      throw new RadioError(
        "unsupported",
        `not a battery for --driver ${brand.name}: it offers ${offered}, not ${wanted}`,
      );
    }
    const notifications = await link.subscribe(port.notify);
    const channel = openRequestChannel((bytes) => link.write(port.write, bytes, "command"), notifications);
    return openSession(brand, channel, link.lost);
  },
}));
