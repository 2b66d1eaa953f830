import type { Brand } from "../brand.ts";
import { EG4 } from "./eg4.ts";
import { LIPOWER } from "./lipower.ts";
import { BUKNUWO, GOBEL } from "./pace.ts";
import { PYLONTECH } from "./pylontech.ts";
import { RENOGY, RENOGY_PRO } from "./renogy.ts";
import { VATRER } from "./vatrer.ts";

/** Every brand. */
export const BRANDS: readonly Brand[] = [RENOGY, RENOGY_PRO, EG4, VATRER, LIPOWER, PYLONTECH, GOBEL, BUKNUWO];
