import type { Quantity } from "../../../common/model/quantities.ts";
import type { Sample } from "../../../common/model/reading.ts";
import type { Driver } from "../driver.ts";
import { frameDecoder, further, noQuantities } from "../recorded-frame.ts";
import { openRequestChannel, optional, type Request } from "../request-response.ts";
import { commandRequest, decodeRequest } from "./frame.ts";
import { LITIME_PATTERNS } from "./identify.ts";
import {
  decodeStatus,
  decodeVersion,
  isPlausibleStatus,
  isPlausibleVersion,
  OPTIONAL_SENSORS,
  type Status,
  statusSample,
} from "./record.ts";

/** Only these two are ever sent: other commands switch the MOSFETs, or shut the battery down. */
export const READ_STATUS = 0x13;
export const READ_VERSION = 0x16;

const STATUS_REQUEST = commandRequest(READ_STATUS, isPlausibleStatus, decodeStatus);
const VERSION_REQUEST = commandRequest(READ_VERSION, isPlausibleVersion, decodeVersion);

/** For frames outside of a session. */
const RECORDED: ReadonlyMap<number | undefined, Request<Sample>> = new Map([
  [READ_STATUS, further(STATUS_REQUEST, (status) => statusSample(status))],
  [READ_VERSION, further(VERSION_REQUEST, noQuantities)],
]);

const ATTEMPTS = 4;
const FEW_ATTEMPTS = 2;

const NOTIFY = { service: "ffe0", characteristic: "ffe1" };
const WRITE = { service: "ffe0", characteristic: "ffe2" };

/**
 * Battery packs of LiTime, Redodo, Power Queen and Starry Sea: one record holds everything (frames: frame.ts, record:
 * record.ts). Facts and their sources: docs/devices/litime.md.
 */
export const litime = {
  name: "litime",
  about: "LiTime / Redodo / Power Queen battery packs",
  identify: LITIME_PATTERNS,
  decodeFrame: frameDecoder({ byBytes: (bytes) => RECORDED.get(decodeRequest(bytes)) }),
  async open(link) {
    const notifications = await link.subscribe(NOTIFY);
    const channel = openRequestChannel((bytes) => link.write(WRITE, bytes, "command"), notifications);
    const sensors = new Set<Quantity>();
    let known: Status | undefined;

    async function readStatus(): Promise<Status> {
      known = await channel.send(STATUS_REQUEST, ATTEMPTS);
      for (const name of OPTIONAL_SENSORS) if ((known.values[name] ?? 0) !== 0) sensors.add(name);
      return known;
    }

    return {
      poll: async () => statusSample(await readStatus(), sensors),
      async describe() {
        const version = await optional(channel.send(VERSION_REQUEST, FEW_ATTEMPTS));
        const status = known ?? (await optional(readStatus()));
        return { ...version, ...(status && { cells: status.cells.length }) };
      },
    };
  },
} satisfies Driver;
