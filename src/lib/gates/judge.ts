import type { EnvironmentConfig } from "../config/config.ts";
import type { Next } from "../errors/next.ts";
import { shortDigest } from "../image/digest.ts";
import { authorText } from "../ledger/author.ts";
import { type Freeze, freezeText } from "../ledger/freeze.ts";
import { holdOf, liftFlag } from "../ledger/hold.ts";
import type { Deployment } from "../ledger/ledger.ts";
import { pulledImages } from "../release/release.ts";
import { shortRevision } from "../release/revision.ts";
import type { OnBranch } from "../source/lineage.ts";
import { judgeScans, type ScannedImage } from "./judge-scan.ts";
import { judgeSmokes, type SmokeFacts } from "./judge-smoke.ts";
import { type GateName, gateNames } from "./names.ts";
import type { Gate } from "./result.ts";
import { lengthOf, sameRelease, staysOf } from "./stay.ts";
import { blocked, missing, notConfigured, passed, type GateVerdict } from "./verdict.ts";
import { count, dated, list, span, utc } from "../text/words.ts";

/** All that the gates are judged by. What a gate that is not configured would need is undefined: nobody asked for it. */
export interface GateFacts extends SmokeFacts {
  readonly environment: EnvironmentConfig;
  /** Services whose image the registry no longer has. */
  readonly gone: readonly string[];
  /** Milliseconds since the epoch, by the server's clock. */
  readonly now: number;
  readonly freeze?: Freeze | undefined;
  /** Deployments to the environment of `verified`, newest first. */
  readonly deployments?: readonly Deployment[] | undefined;
  readonly scans?: readonly ScannedImage[] | undefined;
  /** How long they were waited for before this look, in milliseconds. */
  readonly scansAwaitedMs?: number | undefined;
  readonly branch?: OnBranch | undefined;
}

/** Reasons by the gate that somebody opens. */
export type Overrides = ReadonlyMap<GateName, string>;

/** Judges every gate: pure, so that the list that is shown is the one that is enforced. */
export function judgeGates(facts: GateFacts, overrides: Overrides): readonly Gate[] {
  return gateNames.map((gate): Gate => {
    const verdict = judges[gate](facts);
    const reason = overrides.get(gate);
    if (reason === undefined || !isShut(verdict)) return { gate, advice: [], ...verdict, reason: null };
    return { gate, state: "overridden", says: verdict.says, next: [], advice: [], reason };
  });
}

/** The gates of what is not published: only a freeze can be judged without a release. */
export function judgeUnpublished(
  environment: EnvironmentConfig,
  why: Next & { readonly message: string },
  freeze: Freeze | undefined,
): readonly Gate[] {
  const { smoke, verified, soakMs, scan, branch } = environment.gates;
  const asked = { smoke, verified: verified !== undefined, soak: soakMs > 0, scan: scan !== undefined, branch };
  const waiting = missing("there is no published release to look at");
  return gateNames.map((gate): Gate => {
    if (gate === "published") return { gate, ...missing(why.message, ...why.next), advice: why.advice, reason: null };
    if (gate === "freeze") return { gate, advice: [], ...judgeFreeze({ environment, freeze }), reason: null };
    return { gate, advice: [], ...(asked[gate] ? waiting : notConfigured), reason: null };
  });
}

/** Whether it keeps a release out. */
export function isShut({ state }: Pick<Gate, "state">): boolean {
  return state === "missing" || state === "blocked";
}

const judges: Readonly<Record<GateName, (facts: GateFacts) => GateVerdict>> = {
  published: judgePublished,
  freeze: judgeFreeze,
  branch: judgeBranch,
  scan: ({ environment: { name, gates }, published, scans, scansAwaitedMs: waitedMs, now }) => {
    if (gates.scan === undefined || scans === undefined) return notConfigured;
    const promote = `threads promote ${published.release.revision} -e ${name}`;
    return judgeScans(gates.scan, scans, { now, promote, waitedMs });
  },
  verified: judgeVerified,
  soak: judgeSoak,
  smoke: judgeSmoke,
};

function judgePublished({ published, gone }: GateFacts): GateVerdict {
  const { digest, release, repository } = published;
  if (gone.length === 0)
    return passed(
      `${count(Object.keys(pulledImages(release)).length, "image")} and the bundle ${shortDigest(digest)} are there`,
    );
  const { repository: place } = pulledImages(release)[gone[0] ?? ""] ?? { repository };
  return {
    ...blocked(
      `the registry no longer has the ${gone.length === 1 ? "image" : "images"} of ${list(gone)}`,
      `aws ecr get-lifecycle-policy --repository-name ${place}`,
    ),
    advice: ["publish a new commit"],
  };
}

function judgeFreeze({ environment: { name }, freeze }: Pick<GateFacts, "environment" | "freeze">): GateVerdict {
  if (freeze === undefined) return passed(`${name} is not frozen`);
  return blocked(freezeText(name, freeze), `threads freeze -e ${name} --lift`);
}

function judgeBranch({ environment, published, branch: answer }: GateFacts): GateVerdict {
  const { branch } = environment.gates;
  if (branch === undefined || answer === undefined) return notConfigured;
  const { has, ref } = answer;
  const short = shortRevision(published.release.revision);
  if (ref === undefined) return missing(`this clone has no branch ${branch}`, `git fetch origin ${branch}`);
  if (has === "commit") return passed(`${ref} has ${short}`);
  if (has === "tree") return passed(`${ref} has a commit with the same tree as ${short}`);
  if (has === "unknown")
    return missing(
      `this clone does not know enough of ${short} to tell whether ${ref} has it`,
      "git fetch --unshallow",
      "git fetch --all",
    );
  return {
    ...blocked(`${ref} does not have ${short}`, `git fetch origin ${branch}`),
    advice: [`merge it into ${branch}`],
  };
}

function judgeVerified(facts: GateFacts): GateVerdict {
  const { environment, published, deployments } = facts;
  const where = environment.gates.verified;
  if (where === undefined || deployments === undefined) return notConfigured;
  const deploy = deployTo(where, published, deployments);
  const same = sameRelease(published);
  const [stay] = staysOf(deployments, same);
  if (stay === undefined) {
    const tried = deployments.find(({ intent }) => same(intent));
    if (tried === undefined) return missing(`these digests were never deployed to ${where}`, deploy);
    const how = tried.outcome?.result ?? "has not ended";
    return missing(`deployment ${tried.intent.number} of these digests to ${where} ${wordsFor(how)}`, deploy);
  }
  const by = `deployment ${stay.intent.number} by ${authorText(stay.intent.by)}, ${dated(utc(stay.since))}`;
  if (stay.undone)
    return blocked(
      `${where} was rolled back from it by ${stay.replacedBy === undefined ? "somebody" : authorText(stay.replacedBy.by)}, ${dated(utc(stay.until ?? stay.since))} (${by})`,
      deploy,
      `threads history -e ${where}`,
    );
  return passed(
    stay.until === undefined ? `${where} runs these digests (${by})` : `${where} ran these digests (${by})`,
  );
}

/** @param deployments there, newest first: what it is held with must be lifted for it */
function deployTo(
  where: string,
  { release, digest }: GateFacts["published"],
  deployments: readonly Deployment[],
): string {
  return `threads deploy -e ${where} ${release.revision}${liftFlag(holdOf(deployments), digest)}`;
}

function wordsFor(result: string): string {
  return (
    ({ interrupted: "was interrupted", partial: "left hosts that differ" } as Record<string, string>)[result] ?? result
  );
}

function judgeSoak({ environment, published, deployments, now }: GateFacts): GateVerdict {
  const { verified: where, soakMs } = environment.gates;
  if (soakMs === 0 || where === undefined || deployments === undefined) return notConfigured;
  const stays = staysOf(deployments, sameRelease(published));
  const longest = Math.max(0, ...stays.map((stay) => lengthOf(stay, now)));
  if (longest >= soakMs)
    return passed(`these digests have run in ${where} for ${span(longest)} (${span(soakMs)} are asked for)`);
  const running = stays.find(({ until }) => until === undefined);
  const { revision } = published.release;
  const deploy = deployTo(where, published, deployments);
  if (running !== undefined) {
    const left = soakMs - lengthOf(running, now);
    return {
      ...missing(
        `these digests have run in ${where} for ${span(lengthOf(running, now))} of ${span(soakMs)}: ${span(left)} to go`,
        `threads gates ${revision} -e ${environment.name}`,
      ),
      // Rounded up: it is over when it says so.
      advice: [`wait until ${dated(utc(running.since + soakMs + 59_999))}`],
    };
  }
  if (stays.length === 0)
    return missing(`these digests have never run in ${where}, and ${span(soakMs)} are asked for`, deploy);
  return missing(
    `these digests ran in ${where} for ${span(longest)} of ${span(soakMs)}, and do not run there now`,
    deploy,
  );
}

function judgeSmoke(facts: GateFacts): GateVerdict {
  const { environment, published } = facts;
  if (!environment.gates.smoke) return notConfigured;
  return judgeSmokes(facts, `threads promote ${published.release.revision} -e ${environment.name}`);
}
