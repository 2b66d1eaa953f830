import { type AggregatorStatus, parseAggregatorStatus } from "../../common/model/status.ts";
import { readStatusFile, statusPath } from "../../common/runtime/status-file.ts";
import { AGGREGATOR_RUNTIME } from "./installation.ts";

/** The status of this host's aggregator as it last wrote it; undefined if there is none, or it may not be read. */
export function aggregatorStatus(): AggregatorStatus | undefined {
  try {
    return readStatusFile(statusPath(AGGREGATOR_RUNTIME), parseAggregatorStatus);
  } catch {
    // For root and the services' group only.
    return undefined;
  }
}
