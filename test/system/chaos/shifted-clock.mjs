// Preloaded into the agents: their wall clock is ahead of the machine's by the number of ms in $CLOCK_SHIFT_FILE, which may
// change at any time. The monotonic clock is not changed. It is JavaScript because the built programs run without tsx.
import { readFileSync } from "node:fs";

const RealDate = Date;
const shiftedNow = () => RealDate.now() + Number(readFileSync(process.env.CLOCK_SHIFT_FILE ?? "", "utf8"));

globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [shiftedNow()] : args));
  }
  static now() {
    return shiftedNow();
  }
};
