import type { Config } from "../../../config/config.ts";
import { type Check, type DoctorFinding, ok } from "../check.ts";

export const configurationCheck: Check = {
  id: "config",
  title: "threads.yml",
  look: async (ports) => [judgeConfiguration(await ports.config())],
};

function judgeConfiguration({ app, services, environments }: Config): DoctorFinding {
  return ok(`${app}: ${services.join(", ")}; environments ${Object.keys(environments).join(", ")}`);
}
