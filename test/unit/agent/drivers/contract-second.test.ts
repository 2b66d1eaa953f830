import { contractOfEveryThird } from "../../../support/driver-contract.ts";

// As contract.test.ts, for other drivers.
contractOfEveryThird(1);
