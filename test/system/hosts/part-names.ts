/** Parts of a run, in their order. */
export const PART_NAMES = ["traffic", "link", "kills", "backlog", "attack"] as const;
export type PartName = (typeof PART_NAMES)[number];
