import { formatColumns } from "../common/cli/text.ts";
import type { SimulatedFamily } from "./family.ts";
import { describeFaults } from "./faults/faults.ts";
import { FAMILIES } from "./registry.ts";

const ALL: readonly SimulatedFamily[] = FAMILIES;

/** Text after the options of `--help`. */
export const HELP = `
Devices, their addresses, and the kinds that they have in turn:
${describeFamilies()}
Example:
  npm run -s simulator -- --socket /tmp/simulator --jbd 1
  BMS_SIMULATOR=/tmp/simulator npm run -s agent -- scan --radio simulated
  BMS_SIMULATOR=/tmp/simulator npm run -s agent -- --radio simulated -b A4:C1:37:00:00:01 -i 2 -m house

${ALL.flatMap(({ choices }) => choices?.help ?? []).join("\n\n")}

Faults, with their settings and defaults:
${describeFaults(ALL)}
Every fault also takes register=03 (only answers about this register: ${ALL.flatMap(({ registers }) => registers).join(", ")}), skip=N (not
the first N times), times=N (only the first N times), every=N (only every Nth time), chance=0.3 (only with this
probability) and for=MS (removed after this time). The newest fault is outermost: it acts first on requests and last on answers.

Commands to a running simulator, where DEVICE is an address or all:
  npm run -s simulator -- set --socket PATH DEVICE FAULT
  npm run -s simulator -- clear --socket PATH DEVICE [FAULT]
  npm run -s simulator -- drop --socket PATH DEVICE [REASON]       HCI reason in hexadecimal, default 08
  npm run -s simulator -- alarm --socket PATH DEVICE PROTECTION    ovp, uvp, … as in the CSV; --off ends it
  npm run -s simulator -- cut-power --socket PATH DEVICE           its power fails and comes back at once
  npm run -s simulator -- memory --socket PATH DEVICE              parameters as JSON, in use and stored
  npm run -s simulator -- status --socket PATH

The log has one JSON line per answer: {"at":ms,"device":"A4:…","register":"03","took":ms,"sample":{…}}. An answer that
cannot have arrived intact has an empty sample and names the fault that spoiled it: "fault":"lose-last".
The other log has one JSON line per request that was on the air, even where a fault loses it:
{"at":ms,"device":"A4:…","register":"24","bytes":"dda52400ffdc77"}.`;

function describeFamilies(): string {
  const rows = ALL.map(({ name, devices, addressPrefix, kinds }) => [
    `  --${name} N`,
    devices,
    `${addressPrefix}:00:00:01 and up`,
    kinds.join(", "),
  ]);
  return formatColumns(rows).trimEnd();
}
