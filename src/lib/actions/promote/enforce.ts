import { ThreadsError } from "../../errors/threads-error.ts";
import { freezeText } from "../../ledger/freeze.ts";
import { shortRevision } from "../../release/revision.ts";
import { isShut } from "../../gates/judge.ts";
import type { Gate } from "../../gates/result.ts";
import type { Surroundings } from "../../gates/surroundings.ts";
import { promoteCommand } from "./command.ts";
import type { PromotePlan, Situation, Target } from "./plan.ts";
import type { Survey } from "./survey.ts";

/** Refuses where a gate is shut that the promotion itself will not open. @throws ThreadsError GATES_SHUT (refused) */
export function requireOpen(plan: PromotePlan, environment: string): void {
  const shut = shutGates(plan);
  if (shut.length === 0) return;
  const { revision } = plan.published.release;
  const reason = plan.gates.find((gate) => gate.reason !== null)?.reason ?? "…";
  const opened = plan.gates.map((gate) => (shut.includes(gate) ? { ...gate, reason } : gate));
  const anyway = promoteCommand({ revision, environment, labels: plan.labels, gates: opened });
  throw new ThreadsError("refused", {
    code: "GATES_SHUT",
    message: `${shortRevision(revision)} may not go to ${environment}: ${shut.map(gateText).join("; ")}`,
    next: [
      ...new Set(shut.flatMap(({ next }) => next)),
      `threads gates ${revision} -e ${environment}`,
      ...(shut.some(({ gate }) => gate === "published") ? [] : [`${anyway} # which is recorded`]),
    ],
  });
}

/** The gates that the promotion itself will not open. */
export function shutGates({ gates, smoke }: PromotePlan): readonly Gate[] {
  return gates.filter((gate) => isShut(gate) && !(gate.gate === "smoke" && smoke));
}

function gateText({ gate, says }: Gate): string {
  return `${gate}: ${says}`;
}

/**
 * Compares the world before and after the smoke: what was decided then must still hold.
 * @throws ThreadsError WORLD_CHANGED, TAG_MOVED (conflict); nothing was promoted
 */
export function requireUnchanged(before: Survey, after: Survey, around: Pick<Surroundings, "tagged">): void {
  const { published } = before.facts;
  const moved = movedTargets(before.situation, around);
  const changes = changesBetween(before, after);
  if (changes.length > 0)
    throw new ThreadsError("conflict", {
      code: "WORLD_CHANGED",
      message: `while the images were tested, ${changes.join("; ")}; nothing was promoted`,
      next: [`threads gates ${published.release.revision} -e ${before.facts.environment.name}`, promoteAgain(before)],
    });
  if (moved.length > 0) throw movedMeanwhile(moved, before);
}

/** What became different, a clause each. A tag that another promotion of the same digests gave is no change of mind. */
function changesBetween(before: Survey, after: Survey): string[] {
  const { environment } = before.facts;
  const changes: string[] = [];
  const { freeze } = after.facts;
  const overridden = after.situation.gates.some(({ gate, state }) => gate === "freeze" && state === "overridden");
  if (freeze !== undefined && freeze.nonce !== before.facts.freeze?.nonce)
    changes.push(
      overridden
        ? `another freeze came: ${freezeText(environment.name, freeze)}`
        : freezeText(environment.name, freeze),
    );
  if (before.deployments.current !== after.deployments.current)
    changes.push(`deployment ${after.deployments.current} changed what runs in ${environment.name}`);
  else if (before.deployments.latest !== after.deployments.latest)
    changes.push(`deployment ${after.deployments.latest} to ${environment.name} began`);
  for (const gate of after.situation.gates) {
    const was = before.situation.gates.find((one) => one.gate === gate.gate);
    if (gate.gate !== "freeze" && gate.gate !== "smoke" && isShut(gate) && was !== undefined && !isShut(was))
      changes.push(`the gate ${gateText(gate)}`);
  }
  return changes;
}

/** What the sha's tags no longer name. */
function movedTargets(
  { images, bundle }: Pick<Situation, "images" | "bundle">,
  { tagged }: Pick<Surroundings, "tagged">,
): readonly Target[] {
  return [...images, bundle].filter(
    ({ repository, published, digest }) => tagged.get(repository)?.get(published)?.digest !== digest,
  );
}

/** The sha's tag was moved while its images were tested: nobody knows any more what was meant. */
function movedMeanwhile(moved: readonly Target[], before: Survey): ThreadsError {
  const { published } = before.facts;
  const repositories = [...new Set(moved.map(({ repository }) => repository))];
  return new ThreadsError("conflict", {
    code: "TAG_MOVED",
    message: `the images of ${shortRevision(published.release.revision)} were changed while they were tested; nothing was promoted`,
    details: moved.map(({ repository, published: tag, digest }) => `${repository}:${tag} no longer is ${digest}`),
    next: [
      ...repositories.map((name) => `aws ecr describe-images --repository-name ${name} # who pushed?`),
      promoteAgain(before),
      ...repositories.map(
        (name) => `aws ecr put-image-tag-mutability --repository-name ${name} --image-tag-mutability IMMUTABLE`,
      ),
    ],
  });
}

/** The promotion as it was typed, but for the release that it meant then. */
function promoteAgain({ facts, situation: { labels, gates } }: Survey): string {
  const { revision } = facts.published.release;
  return promoteCommand({ revision, environment: facts.environment.name, labels, gates });
}
