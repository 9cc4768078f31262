import type { Next } from "../../errors/next.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import { isShut } from "../../gates/judge.ts";
import type { Gate } from "../../gates/result.ts";
import { freezeText } from "../../ledger/freeze.ts";
import { shortRevision } from "../../release/revision.ts";
import { commandOf, promoteCommand, type TypedPromotion } from "./command.ts";
import { type PromotePlan, shutGates } from "./plan.ts";

/** Refuses where a gate is shut that the promotion itself will not open. @throws ThreadsError GATES_SHUT (refused) */
export function requireOpen(plan: PromotePlan): void {
  const refused = refusal(plan);
  if (refused !== undefined) throw refused;
}

/** @returns GATES_SHUT, as it would be thrown; undefined where no gate is in the way */
export function refusal(plan: PromotePlan): ThreadsError | undefined {
  const shut = shutGates(plan);
  if (shut.length === 0) return undefined;
  const { environment, labels, resolved, repeatSmoke } = plan.target;
  const { revision } = resolved.published.release;
  return new ThreadsError("GATES_SHUT", {
    message: `${shortRevision(revision)} may not go to ${environment.name}: ${shut.map(gateText).join("; ")}`,
    ...waysOut(plan, { shut, command: { revision, environment: environment.name, labels, repeatSmoke } }),
  });
}

/** What a person may do where all comes by itself or from others: wait for it, or see to it. */
export function whileWaiting(plan: PromotePlan): Next {
  const { next = [], advice = [] } = refusal(plan) ?? {};
  return { next: [`${commandOf(plan)} --wait`, ...next], advice };
}

/** What opens the gates; and the override, ready to be typed where somebody has given a reason already. */
function waysOut(
  { gates }: PromotePlan,
  { shut, command }: { readonly shut: readonly Gate[]; readonly command: Omit<TypedPromotion, "gates"> },
): Next {
  const given = gates.find((gate) => gate.reason !== null)?.reason ?? null;
  const reason = given ?? "why this once";
  const opened = gates.map((gate) => (shut.includes(gate) ? { ...gate, reason } : gate));
  const anyway = shut.some(({ gate }) => gate === "published") ? [] : [promoteCommand({ ...command, gates: opened })];
  const look = `threads gates ${command.revision} -e ${command.environment}`;
  return {
    next: [...new Set(shut.flatMap(({ next }) => next)), look, ...(given === null ? [] : anyway)],
    advice: [
      ...new Set(shut.flatMap(({ advice }) => advice)),
      ...(given === null ? anyway.map((text) => `to promote it all the same, which is recorded: ${text}`) : []),
    ],
  };
}

function gateText({ gate, says, policy }: Gate): string {
  return policy === null ? `${gate}: ${says}` : `${gate}: ${says} (${policy})`;
}

/**
 * Compares two plans of the same target, made before and after the smoke: what was decided then must still hold.
 * @throws ThreadsError WORLD_CHANGED, TAG_MOVED (conflict); nothing was promoted
 */
export function requireUnchanged(before: PromotePlan, after: PromotePlan): void {
  const { environment, resolved } = before.target;
  const changes = changesBetween(before, after);
  if (changes.length > 0)
    throw new ThreadsError("WORLD_CHANGED", {
      message: `while the images were tested, ${changes.join("; ")}; nothing was promoted`,
      next: [`threads gates ${resolved.published.release.revision} -e ${environment.name}`, commandOf(before)],
    });
  requireUnmoved(after);
}

/** What became different, a clause each. A tag that another promotion of the same digests gave changes no decision. */
function changesBetween(before: PromotePlan, after: PromotePlan): string[] {
  const { name } = before.target.environment;
  const changes: string[] = [];
  const { freeze } = after.facts.gates;
  const overridden = after.gates.some(({ gate, state }) => gate === "freeze" && state === "overridden");
  if (freeze !== undefined && freeze.nonce !== before.facts.gates.freeze?.nonce)
    changes.push(overridden ? `another freeze came: ${freezeText(name, freeze)}` : freezeText(name, freeze));
  const [was, is] = [before.facts.deployments, after.facts.deployments];
  if (was.current !== is.current) changes.push(`deployment ${is.current} changed what runs in ${name}`);
  else if (was.latest !== is.latest) changes.push(`deployment ${is.latest} to ${name} began`);
  for (const gate of after.gates) {
    const earlier = before.gates.find((one) => one.gate === gate.gate);
    if (gate.gate !== "freeze" && gate.gate !== "smoke" && isShut(gate) && earlier !== undefined && !isShut(earlier))
      changes.push(`the gate ${gateText(gate)}`);
  }
  return changes;
}

/** Where the sha's tag was moved while its images were tested, nobody knows any more what was meant. */
function requireUnmoved(after: PromotePlan): void {
  const { images, bundle } = after.facts;
  const moved = [...images, bundle].filter(({ publishedAs, digest }) => publishedAs !== digest);
  if (moved.length === 0) return;
  const { revision } = after.target.resolved.published.release;
  const repositories = [...new Set(moved.map(({ repository }) => repository))];
  throw new ThreadsError("TAG_MOVED", {
    message: `the images of ${shortRevision(revision)} were changed while they were tested; nothing was promoted`,
    details: moved.map(({ repository, published: tag, digest }) => `${repository}:${tag} no longer is ${digest}`),
    next: [
      ...repositories.map((name) => `aws ecr describe-images --repository-name ${name}`),
      commandOf(after),
      ...repositories.map(
        (name) => `aws ecr put-image-tag-mutability --repository-name ${name} --image-tag-mutability IMMUTABLE`,
      ),
    ],
    advice: ["find out who pushed before you promote it again"],
  });
}
