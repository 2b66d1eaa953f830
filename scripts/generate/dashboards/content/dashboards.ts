import type { Dashboard } from "../description.ts";
import { batteryMonitor } from "./battery-monitor.ts";
import { energy } from "./energy.ts";
import { withFurther } from "./further.ts";
import { house } from "./house.ts";
import { pack } from "./pack.ts";
import { sites } from "./sites.ts";
import { system } from "./system.ts";

export const DASHBOARDS: readonly Dashboard[] = withFurther([sites, house, energy, pack, batteryMonitor, system]);
