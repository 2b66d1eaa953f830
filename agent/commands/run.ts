import { randomBytes } from "node:crypto";
import { parseAddress } from "../../common/address.ts";
import { defaultEndpoint } from "../../common/endpoint.ts";
import { isMeter } from "../../common/meter.ts";
import { enterService } from "../../common/service.ts";
import { runAgent } from "../agent.ts";
import { chooseDevice, DEVICE_OPTIONS, type DeviceChoice } from "../device.ts";
import { connectDealer } from "../outbox/dealer.ts";
import { openOutbox } from "../outbox/outbox.ts";
import { reachDevice } from "../reach.ts";
import { createServiceReport } from "../service-report.ts";
import { defineCommand, type Environment } from "./command.ts";

export interface RunOptions extends DeviceChoice {
  readonly periodMs: number;
  readonly meter: string;
  /** Undefined for the one that both programs compute. */
  readonly endpoint: string | undefined;
  readonly once: boolean;
}

const DEFAULT_INTERVAL_S = 10;
/** How long an end waits for the aggregator to accept what is left. */
const GRACE_MS = 2_000;
/** The same where delivering is the whole purpose: an aggregator may be starting up. */
const ONCE_GRACE_MS = 10_000;

export const run = defineCommand<RunOptions>({
  name: "",
  about: `Reads one battery monitor over Bluetooth LE, again and again, and hands its readings to bms-aggregator.
One agent reads one device; start as many as you have devices.`,
  options: ["address", "interval", "meter", ...DEVICE_OPTIONS, "endpoint", "once"],
  examples: [
    ["bms-agent -b A4:C1:37:00:00:01 -i 10 -m bms", "poll every 10 s, store as meter bms"],
    ["bms-agent -b A4:C1:37:00:00:01 --once", "one reading, then end"],
    ["bms-agent -b A4:C1:37:00:00:01 --pin-file /etc/bms/pin", "a device with a password"],
    ["bms-agent -b A4:C1:37:00:00:01 --capture trouble.jsonl", "record for a bug report"],
    ["BMS_ADDRESS=A4:C1:37:00:00:01 BMS_METER=bms bms-agent", "as a service sets it"],
  ],
  read(words) {
    const device = chooseDevice(words);
    const {
      interval = DEFAULT_INTERVAL_S,
      meter = defaultMeter(device, words.env),
      endpoint,
      once = false,
    } = words.values;
    return { ...device, periodMs: interval * 1000, meter, endpoint, once };
  },
  async run(options, { env, uid, clock, random, stop, createLog }) {
    const { meter, periodMs, once } = options;
    const log = createLog(options.logLevel, meter);
    const service = await enterService(env, clock, log, stop);
    const endpoint = options.endpoint ?? defaultEndpoint(env, uid);
    const { radio, target, release } = await reachDevice(options, clock, log);
    const outbox = openOutbox({ connect: (events) => connectDealer(endpoint, events), clock, log });
    const plan = { ...target, periodMs, meter, run: randomBytes(8).toString("hex"), once };
    service.ready();
    const report = createServiceReport(plan, outbox, service, clock);
    const answered = await runAgent(plan, { radio, clock, random, outbox, log, report }, stop);
    const [{ unaccepted }] = await Promise.all([outbox.close(once ? ONCE_GRACE_MS : GRACE_MS), release()]);
    if (unaccepted > 0)
      log.warn(`${unaccepted} readings are lost: no bms-aggregator took them at ${endpoint}; start one`);
    service.leave();
    return once && !stop.aborted && !(answered && unaccepted === 0) ? 1 : 0;
  },
});

/** The name of the service, where that is a name. */
function defaultMeter({ address }: DeviceChoice, { BMS_INSTANCE: instance = "" }: Environment): string {
  return isMeter(instance) && !parseAddress(instance) ? instance : address;
}
