import { execFileSync } from "node:child_process";

/**
 * The first line of the kernel's log that tells of a bug in the kernel itself: some 60 links that were lost right after
 * they were made have been seen to crash Linux 6.1 in hci_chan_del, and then Bluetooth is dead until the next boot.
 */
export function kernelBug(): string | undefined {
  const log = execFileSync("dmesg", { encoding: "utf8" });
  return /^.*\b(?:BUG:|Oops:|general protection fault|kernel BUG at|refcount_t: ).*$/m.exec(log)?.[0].trim();
}
