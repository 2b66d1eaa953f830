// A process that acquires a lease: `lease-holder.ts RESOURCE TIMES`. It prints `acquired`, and `expired, valid: …` when
// the lease ends. Frozen and killed holders need a process of their own.
import { leasesOn } from "../../agent/radio/sharing/lease.ts";
import { systemClock } from "../../common/runtime/clock.ts";

const [, , resource = "", times = "{}"] = process.argv;
const lease = await leasesOn(resource, systemClock, JSON.parse(times)).acquire(new AbortController().signal);
lease.expired.addEventListener("abort", () => process.stdout.write(`expired, valid: ${lease.isValid()}\n`));
process.stdout.write("acquired\n");
process.stdin.resume();
