/**
 * Messages between agent and aggregator: one self-describing msgpack map per ZeroMQ frame. Unknown keys are ignored, so
 * an old aggregator serves a new agent; another major version is refused.
 */
export const WIRE_VERSION = 1;
