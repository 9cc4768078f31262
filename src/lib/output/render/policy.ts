import type {
  PolicyChange,
  PolicyPushResult,
  PolicyShowResult,
  ShownPolicy,
} from "../../actions/policy/policy-result.ts";
import type { ComparedGate } from "../../gates/compared.ts";
import { authorText } from "../../ledger/author.ts";
import { dated } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";

/** What is pushed, by whom and since when; and each gate as both have it. */
export const renderPolicyShow: Render<PolicyShowResult> = (result, paint, columns) => [
  ...headline(result, paint),
  ...table(
    result.gates.map((gate) => row(gate, paint)),
    { columns, leave: [] },
  ),
  ...nextLines(result, paint),
];

function headline({ environment, policy, gates }: PolicyShowResult, paint: Paint): string[] {
  const name = paint.strong(environment);
  if (policy !== null) return [`Policy of ${name}, ${pushedText(policy)}`, ...because(policy, paint)];
  if (gates.length === 0) return [`No policy is pushed for ${name}, and threads.yml asks for nothing`];
  return [`${paint.warn("No policy is pushed")} for ${name}: what threads.yml asks for, any branch can change`];
}

function pushedText({ principal, by, pushedAt, number }: ShownPolicy): string {
  const which = number === null ? "" : ` (number ${number})`;
  return `pushed ${dated(pushedAt)} by ${principal ?? "somebody whom AWS does not name"}${which}; they call themselves ${authorText(by)}`;
}

function because({ reason }: Pick<ShownPolicy, "reason">, paint: Paint): string[] {
  return reason === null ? [] : [paint.dim(`  asks for less than the one before: ${reason}`)];
}

function row({ gate, policy, file, stricter }: ComparedGate, paint: Paint): string[] {
  if (stricter === "neither") return [`  ${gate}`, policy ?? "", paint.dim("threads.yml too")];
  const mine = file === null ? "threads.yml does not ask for it" : `threads.yml: ${file}`;
  if (policy === null) return [`  ${gate}`, paint.dim("not asked for"), paint.warn(mine)];
  return [`  ${gate}`, policy, stricter === "file" ? mine : paint.warn(mine)];
}

/** What was pushed, and what that changes. */
export const renderPolicyPush: Render<PolicyPushResult> = (result, paint, columns) => [
  pushed(result, paint),
  ...table(
    result.changes.map((change) => changeRow(change, paint)),
    { columns, leave: [] },
  ),
  ...(result.reason === null ? [] : [`  because ${result.reason}`]),
  ...nextLines(result, paint),
];

function pushed({ outcome, environment, principal, number }: PolicyPushResult, paint: Paint): string {
  const name = paint.strong(environment);
  const who = principal ?? "somebody whom AWS does not name";
  if (outcome === "unchanged") return `${paint.good("✔")} The policy of ${name} asks for the very same already`;
  if (outcome === "planned") return `Would push the gates of ${name}, as ${who}`;
  const which = number === null ? "" : ` (number ${number})`;
  return `${paint.good("✔")} ${who} has pushed the gates of ${name}${which}: no branch can ask for less`;
}

function changeRow({ gate, before, after, is }: PolicyChange, paint: Paint): string[] {
  const change = `${before ?? "not asked for"} → ${after ?? "not asked for"}`;
  return [`  ${gate}`, is === "looser" ? paint.warn(is) : is, change];
}
