import { defineCommand } from "../../common/cli/command.ts";
import { renameHost } from "../pairing/known-hosts-file.ts";
import { HOST_FILES } from "../setup/host-files.ts";
import { requireRoot } from "../setup/set-up.ts";

export const hostsName = defineCommand({
  name: "hosts name",
  about: "Gives a host another name. Its key and its meters stay.",
  argument: { name: "old", about: "as shown by bmsctl hosts" },
  more: [{ name: "new", about: "the new name" }],
  options: {},
  examples: [["sudo bmsctl hosts name pi shed", "pi becomes shed"]],
  read: ({ argument, more: [newName = ""] }) => ({ name: argument, newName }),
  async run({ name, newName }, { uid, print }) {
    requireRoot(uid, "bmsctl hosts name");
    renameHost(name, newName, HOST_FILES);
    print(`${name} is ${newName} now\n`);
    return 0;
  },
});
