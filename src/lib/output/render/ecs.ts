import type { EcsDiffResult, EcsRenderResult, EcsTaskDiff } from "../../actions/ecs/result.ts";
import type { DefinitionDifference } from "../../ecs/diff/compare.ts";
import type { Paint, Render } from "../paint.ts";
import { asItStands, fileLines } from "../wrap.ts";

export const renderEcsResult: Render<EcsRenderResult | EcsDiffResult> = (result, paint, columns) =>
  result.outcome === "rendered" ? renderEcsTasks(result, paint, columns) : renderEcsDiff(result, paint, columns);

/** JSON and nothing else, by task: what `aws ecs register-task-definition --cli-input-json` takes. */
export const renderEcsTasks: Render<EcsRenderResult> = ({ tasks }, _, columns) => {
  const byName = tasks.map(({ name, taskDefinition, service }) => [name, { taskDefinition, service }]);
  return fileLines(JSON.stringify(Object.fromEntries(byName), undefined, 2), columns);
};

/** A line for each task, and below it what runs and what the release has, field by field. */
export const renderEcsDiff: Render<EcsDiffResult> = ({ tasks }, paint, columns) =>
  tasks.flatMap((task) => [
    headline(task, paint),
    ...task.differences.flatMap((one) => differenceLines(one, paint, columns)),
  ]);

function headline({ task, service, is, runs, isInactive }: EcsTaskDiff, paint: Paint): string {
  const name = paint.strong(task);
  if (is === "one-off") return `${name} is run once a deployment, and no service runs it`;
  if (is === "absent") return `${paint.warn("○")} ${name}: there is no service ${service ?? ""} in the cluster yet`;
  const definition = `${(runs ?? "").slice((runs ?? "").lastIndexOf("/") + 1)}${isInactive === true ? ", which was deregistered," : ""}`;
  if (is === "same") return `${paint.good("✔")} ${name} runs ${definition} as the release has it`;
  return `${paint.warn("±")} ${name} runs ${definition} and not what the release has:`;
}

function differenceLines(
  { container, field, runs, release }: DefinitionDifference,
  paint: Paint,
  columns: number | undefined,
): readonly string[] {
  const what = field === "container" ? `container ${container ?? ""}` : field;
  const whose = container === null || field === "container" ? "" : ` of ${container}`;
  const line = (mark: string, text: string | null): readonly string[] =>
    text === null ? [] : [asItStands(`    ${mark} ${text}`, columns)];
  return [
    `  ${what}${whose}`,
    ...line("-", runs).map((one) => paint.bad(one)),
    ...line("+", release).map((one) => paint.good(one)),
  ];
}
