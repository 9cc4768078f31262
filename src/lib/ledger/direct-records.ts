import { freezeName } from "./freeze.ts";
import { leaseName } from "./lease.ts";
import { policyName } from "./policy.ts";

/** Names of the records directly below `/<app>/<environment>/`, where an application's own variables may lie as well (env_from). */
export function directRecords(app: string, environment: string): readonly string[] {
  return [freezeName(app, environment), leaseName(app, environment), policyName(app, environment)];
}
