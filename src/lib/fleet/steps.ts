import type { RecordedRelease } from "../ledger/ledger.ts";
import { shortRevision } from "../release/revision.ts";
import { list, span } from "../text/words.ts";
import { hostText } from "./hosts.ts";
import type { PlannedHost, RolloutPlan } from "./rollout-plan.ts";
import { stepsOnEcs } from "./steps-on-ecs.ts";

/** What hosts have kept is theirs to know; of the release before they have all. */
function fetchText({ kind, mayPull }: { readonly kind: RolloutPlan["kind"]; readonly mayPull: boolean }): string {
  if (kind === "deploy") return "pull";
  return mayPull ? "use the images kept, or pull them by digest, of" : "use the images kept of";
}

/** What is done on each host, in words. */
export function stepsOf(what: {
  readonly kind: RolloutPlan["kind"];
  readonly mayPull: boolean;
  readonly release: RecordedRelease;
  readonly hosts: readonly PlannedHost[];
  readonly migrate: string | undefined;
  readonly singletons: readonly string[];
  readonly observeMs: number;
  readonly weights: RolloutPlan["weights"];
  /** Contract migrations that it brings. */
  readonly noReturn: readonly string[];
  readonly isOnEcs: boolean;
  readonly continues: RolloutPlan["continues"];
}): readonly string[] {
  const { release, hosts, migrate, singletons: once, observeMs, noReturn } = what;
  const first = hosts.findIndex(({ stays }) => !stays);
  const those = hosts.flatMap((host, index) => {
    const closes = index === 0 && noReturn.length > 0 ? [noReturnText(noReturn)] : [];
    if (host.stays) return [`${hostText(host)}: runs it already, and is left as it is`, ...closes];
    const watch = index === first && observeMs > 0 ? [`watch ${hostText(host)} for ${span(observeMs)}`] : [];
    if (what.isOnEcs) return [`${hostText(host)}: ${stepsOnEcs(what)}`, ...closes, ...watch];
    const migration = index === 0 && migrate !== undefined && what.weights === undefined ? ["migrate"] : [];
    const singletons = index === 0 ? once.map((name) => `run ${name}`) : [];
    const switching =
      release.edge !== undefined
        ? [
            ...(host.makesRoom ? ["take its one project down, so that nobody is answered until the switch"] : []),
            ...migration,
            "bring it up beside what serves",
            "check the health",
            "switch",
            ...singletons,
            "stop the other",
          ]
        : [
            ...migration,
            ...(host.makesRoom ? ["take its slots down, so that nobody is answered until the release is up"] : []),
            ...singletons,
            "switch",
            "check the health",
          ];
    const removal = host.strangers.map((name) => `remove ${name}, which threads did not start`);
    const steps = [`${fetchText(what)} ${shortRevision(release.revision)}`, ...removal, ...switching, "record"];
    return [`${hostText(host)}: ${steps.join(", ")}`, ...closes, ...watch];
  });
  return [...weightSteps(what), ...those];
}

/** The switch of each host comes last, and finds the release there. */
function weightSteps({ weights, release, migrate }: Parameters<typeof stepsOf>[0]): readonly string[] {
  if (weights === undefined) return [];
  const { steps, from } = weights;
  const short = shortRevision(release.revision);
  const first = migrate === undefined || from > 1 ? "" : `after ${migrate} on the first, `;
  return steps.flatMap((weight, index) => {
    if (index + 1 < from) return [];
    if (weight === 100) return [`step ${index + 1}: all requests, host after host`];
    return [
      `step ${index + 1}: ${index === 0 ? first : ""}${weight} % of each host's requests go to ${short}; both slots are compared by failures and time: worse goes back, too few answers wait for --continue ${index + 2}`,
    ];
  });
}

function noReturnText(contracts: readonly string[]): string {
  return `from here on there is no way back: ${list(contracts)} ${contracts.length === 1 ? "contracts" : "contract"}`;
}
