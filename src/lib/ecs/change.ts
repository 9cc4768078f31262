import type { ServiceSettings } from "./task-definition.ts";

/** How ECS changes one release of a task for another, so that it is whole all the time, or of a singleton never there twice. */
export function changeOf(isSingle: boolean): ServiceSettings["deploymentConfiguration"] {
  return {
    // Of a singleton the old one is stopped before the new one starts.
    minimumHealthyPercent: isSingle ? 0 : 100,
    maximumPercent: isSingle ? 100 : 200,
    deploymentCircuitBreaker: { enable: true, rollback: true },
  };
}
