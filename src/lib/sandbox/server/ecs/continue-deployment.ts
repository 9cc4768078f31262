import { deploymentAt } from "./deployment-at.ts";
import { type EcsParts, type Input, invalid, read, seconds } from "./parts.ts";
import { changeHistory } from "./schedule/service.ts";
import { changeShift } from "./schedule/shift.ts";
import type { HookRun } from "./schedule/shift-state.ts";
import { deploymentArn } from "./service-view.ts";

/** Resolves a pause, once ("Continuing Amazon ECS service deployments"). */
export async function continueDeployment(parts: EcsParts, input: Input): Promise<unknown> {
  const arn = read.string(input, "serviceDeploymentArn");
  const hookId = read.string(input, "hookId");
  const action = read.optionalOneOf(input, "action", ["CONTINUE", "ROLLBACK"] as const) ?? "CONTINUE";
  const found = deploymentAt(parts, arn);
  await parts.store.update(({ services }) => {
    // Of two who answer one hook the second finds it resolved.
    const { service, one } = deploymentAt(parts, arn);
    const { id, status, shift } = one;
    const run = shift?.runs.find((each) => each.id === hookId);
    if (shift === undefined || run === undefined)
      throw invalid("The specified hookId does not exist for the service deployment.");
    if (run.status !== "AWAITING_ACTION")
      throw invalid(`The lifecycle hook is ${run.status} and is not awaiting an action.`);
    if (status !== "IN_PROGRESS")
      throw invalid(`The service deployment is ${status}: only one that is IN_PROGRESS can be continued.`);
    const resolved: HookRun = { ...run, status: action === "CONTINUE" ? "SUCCEEDED" : "FAILED" };
    const runs = shift.runs.map((each) => (each === run ? resolved : each));
    const touched = changeHistory(service, id, { updatedAt: seconds(parts) });
    services[`${service.cluster}/${service.name}`] = changeShift(touched, id, { runs });
  });
  return { serviceDeploymentArn: deploymentArn(parts, found.service, found.one.id) };
}
