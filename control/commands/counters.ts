import { type Counters, decodeCounters } from "../../agent/drivers/jbd/registers.ts";
import { defineCommand } from "../../common/cli/command.ts";
import { SHARED_OPTIONS } from "../../common/cli/option.ts";
import { formatColumns } from "../../common/cli/text.ts";
import { isQuantity, QUANTITIES } from "../../common/model/quantities.ts";
import { openPack } from "../settings/open-pack.ts";
import { PACK_ARGUMENT, PACK_OPTIONS } from "../settings/pack-options.ts";

const REGISTER = 0xaa;

export const counters = defineCommand({
  name: "counters",
  about: `Shows how often each protection of a JBD pack has acted. bmsctl settings clears the counters whenever it stores a
change.`,
  argument: PACK_ARGUMENT,
  options: { json: SHARED_OPTIONS.json, ...PACK_OPTIONS },
  examples: [
    ["sudo bmsctl counters house", "as a table"],
    ["sudo bmsctl counters house --json", "one line of JSON"],
  ],
  read: ({ argument, values }) => ({ name: argument, ...values }),
  async run({ name, json, ...options }, deps) {
    const pack = await openPack(name, options, deps);
    const counted = await pack.use(async ({ link }) => {
      const { settings } = await link.connection();
      return decodeCounters(await settings.read(REGISTER));
    });
    deps.print(json ? `${JSON.stringify({ name: pack.target.name, ...counted })}\n` : countersTable(counted));
    return 0;
  },
});

/** For people. */
function countersTable(counters: Counters): string {
  return formatColumns(
    Object.entries(counters).map(([name, count]) => [
      String(count).padStart(5),
      (isQuantity(name) && QUANTITIES[name].state) || name,
    ]),
  );
}
