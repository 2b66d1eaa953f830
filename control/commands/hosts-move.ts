import { defineCommand } from "../../common/cli/command.ts";
import { LOCAL_HOST } from "../../common/hosts/known-hosts.ts";
import { moveMeter } from "../pairing/known-hosts-file.ts";
import { HOST_FILES } from "../setup/host-files.ts";
import { requireRoot } from "../setup/set-up.ts";

export const hostsMove = defineCommand({
  name: "hosts move",
  about: `Moves a meter to another host, which alone may deliver it from then on. A meter belongs to the host that delivered it
first.`,
  argument: { name: "meter", about: "its name, with a site as in shed/solar" },
  more: [{ name: "host", about: `as shown by bmsctl hosts; ${LOCAL_HOST} for this one` }],
  options: {},
  examples: [
    ["sudo bmsctl hosts move solar barn", "the battery solar is in the barn now"],
    [`sudo bmsctl hosts move solar ${LOCAL_HOST}`, "it is read by this host now"],
  ],
  read: ({ argument, more: [host = ""] }) => ({ meter: argument, host }),
  async run({ meter, host }, { uid, print }) {
    requireRoot(uid, "bmsctl hosts move");
    moveMeter(meter, host, HOST_FILES);
    print(`${meter} belongs to ${host} now\n`);
    return 0;
  },
});
