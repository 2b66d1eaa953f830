import { defineCommand } from "../../common/cli/command.ts";
import { revokeHost } from "../pairing/known-hosts-file.ts";
import { HOST_FILES } from "../setup/host-files.ts";
import { requireRoot } from "../setup/set-up.ts";

export const hostsRevoke = defineCommand({
  name: "hosts revoke",
  about: `No longer admits a host: its connections end within a second. Its agents keep their readings. Its meters belong to its
name, for a host that joins under that name later.`,
  argument: { name: "name", about: "as shown by bmsctl hosts" },
  options: {},
  examples: [["sudo bmsctl hosts revoke shed", "the computer in the shed was stolen"]],
  read: ({ argument }) => argument,
  async run(name, { uid, print }) {
    requireRoot(uid, "bmsctl hosts revoke");
    revokeHost(name, HOST_FILES);
    print(`${name} is not admitted any more\n`);
    return 0;
  },
});
