import type { EcsRenderResult } from "../../actions/ecs/result.ts";
import type { Render } from "../paint.ts";
import { fileLines } from "../wrap.ts";

/** JSON and nothing else, by task: what `aws ecs register-task-definition --cli-input-json` takes. */
export const renderEcsTasks: Render<EcsRenderResult> = ({ tasks }, _, columns) => {
  const byName = tasks.map(({ name, taskDefinition, service }) => [name, { taskDefinition, service }]);
  return fileLines(JSON.stringify(Object.fromEntries(byName), undefined, 2), columns);
};
