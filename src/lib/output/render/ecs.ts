import type { EcsRenderResult } from "../../actions/ecs/result.ts";
import type { Render } from "../paint.ts";

/** JSON and nothing else, by task: what `aws ecs register-task-definition --cli-input-json` takes. */
export const renderEcsTasks: Render<EcsRenderResult> = ({ tasks }) => [
  JSON.stringify(
    Object.fromEntries(tasks.map(({ name, taskDefinition, service }) => [name, { taskDefinition, service }])),
    undefined,
    2,
  ),
];
