import { QUANTITIES, QUANTITY_NAMES, type Quantity } from "../../../../common/model/quantities.ts";

const stateOf = (name: Quantity) => (QUANTITIES[name] as { readonly state?: string }).state;

/** The words of a state; the name of a quantity that is none. */
export const stateWords = (name: Quantity) => stateOf(name) ?? name;

/** Quantities that report a state. */
export const STATES = QUANTITY_NAMES.filter((name) => stateOf(name) !== undefined);

/** Quantities that report an alarm, which stops nothing. */
export const ALARMS = STATES.filter((name) => stateOf(name)?.endsWith("alarm"));
/** Quantities that report a protection or a fault. */
export const PROTECTIONS = STATES.filter((name) => !ALARMS.includes(name));
