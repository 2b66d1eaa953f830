// A process that acquires a lease: `lease-holder.ts RESOURCE TIMES [DIRECTORY]`, with lock files in a directory or abstract
// sockets. It prints `acquired`, and `expired, valid: …` when the lease ends. Frozen and killed holders need a process of
// their own.
import { leasesOn } from "../../agent/radio/sharing/lease.ts";
import { abstractLocks } from "../../common/runtime/abstract-locks.ts";
import { systemClock } from "../../common/runtime/clock.ts";
import { fileLocks } from "../../common/runtime/file-locks.ts";

const [, , resource = "", times = "{}", directory] = process.argv;
const locks = directory ? fileLocks(directory) : abstractLocks;
const leases = leasesOn(resource, JSON.parse(times), { clock: systemClock, locks });
const lease = await leases.acquire(new AbortController().signal);
lease.expired.addEventListener("abort", () => process.stdout.write(`expired, valid: ${lease.isValid()}\n`));
process.stdout.write("acquired\n");
process.stdin.resume();
