import type { Clock } from "../../clock/clock.ts";
import type { ApprovalsGateConfig, Config } from "../../config/config.ts";
import { environmentOf } from "../../config/environment.ts";
import { ThreadsError } from "../../errors/threads-error.ts";
import type { Witnesses } from "../../gates/facts.ts";
import { flawOf } from "../../gates/judge-approvals.ts";
import { lastWords, mayApprove } from "../../gates/said.ts";
import { governed } from "../../gates/stricter.ts";
import type { Approval, ApprovalDraft, ApprovalWord } from "../../ledger/approvals.ts";
import type { Author } from "../../ledger/author.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Policy } from "../../ledger/policy.ts";
import { principalOf } from "../../ledger/principal.ts";
import { both } from "../../progress/both.ts";
import { type Progress, step } from "../../progress/progress.ts";
import { shortRevision } from "../../release/revision.ts";
import { resolveRelease } from "../../resolve/resolve-release.ts";
import type { ResolvedRelease, ResolvePorts } from "../../resolve/types.ts";
import { quote } from "../../script/shell-words.ts";
import { list } from "../../text/words.ts";
import type { ApproveResult } from "./result.ts";

export interface ApprovePorts extends Omit<ResolvePorts, "config" | "ledger">, Pick<Witnesses, "checkAccount"> {
  readonly config: Config;
  readonly lineage: Pick<Witnesses["lineage"], "authors">;
  readonly ledger: ResolvePorts["ledger"] & Pick<Ledger, "approvals" | "approve" | "wouldApprove" | "policy">;
  readonly author: Author;
  readonly progress: Progress;
  readonly clock: Pick<Clock, "now">;
}

export interface ApproveOptions {
  /** A sha, a name of git's, an environment's name; HEAD where undefined. */
  readonly release: string | undefined;
  readonly environment: string;
  /** What is to be said; or, with `withdraw`, what of one's own is to be taken back. */
  readonly word: Exclude<ApprovalWord, "withdrawn">;
  readonly comment: string | undefined;
  readonly withdraw: boolean;
  readonly dryRun: boolean;
}

const verbs = { approved: "approve", rejected: "reject" } as const;

/**
 * Writes down what the principal of these credentials says of a bundle on its way to an environment.
 * @throws ThreadsError NO_REASON (usage); NO_APPROVALS, NOT_AN_APPROVER (refused); APPROVAL_TAKEN (conflict); as resolveRelease does
 */
export async function approve(options: ApproveOptions, ports: ApprovePorts): Promise<ApproveResult> {
  const { word, withdraw, release: asked = "HEAD" } = options;
  const comment = options.comment?.trim() ?? "";
  const type = (release: string, environment = options.environment): string =>
    [
      `threads ${verbs[word]} ${release} -e ${environment}`,
      ...(withdraw ? ["--withdraw"] : []),
      ...(comment === "" ? [] : [`--comment ${quote(comment)}`]),
    ].join(" ");
  const own = environmentOf(ports.config, options.environment, (name) => type(asked, name));
  if (word === "rejected" && !withdraw && comment === "") throw noComment(options);
  return step(ports.progress, `Look at ${asked}`, async (look) => {
    const { identity, resolved, policy } = await found({ options, type }, ports);
    const environment = governed(own, policy);
    const config = requireAsked(environment, asked);
    const { release, digest } = resolved.published;
    const principal = requirePrincipal(identity.arn);
    const [authors = [], all] = await Promise.all([
      ports.lineage.authors(release.revision),
      ports.ledger.approvals(environment.name, release.revision),
    ]);
    // To be against it, or to take something back, everybody may whose word is asked for.
    const flaw =
      word === "rejected" || withdraw ? undefined : flawOf(principal, config, { authors, promoter: undefined });
    requireApprover(principal, { config, flaw });
    const words = (all.get(digest) ?? []).filter((one) => one.principal === principal);
    const draft: ApprovalDraft = {
      environment: environment.name,
      revision: release.revision,
      bundle: digest,
      word: withdraw ? "withdrawn" : word,
      principal,
      comment,
      by: ports.author,
      at: new Date(ports.clock.now()).toISOString(),
    };
    const said = await say(draft, { own: words, options }, ports);
    look.done(`Looked at ${shortRevision(release.revision)}`);
    return { ...report(draft, resolved, said), ...onwards(draft, said.outcome, type(release.revision)) };
  });
}

interface Found {
  readonly identity: { readonly arn: string };
  readonly resolved: ResolvedRelease;
  readonly policy: Policy | undefined;
}

async function found(
  { options, type }: { readonly options: ApproveOptions; readonly type: (release: string) => string },
  ports: ApprovePorts,
): Promise<Found> {
  let identity = { arn: "" };
  const [resolved, policy] = await both(
    async () => {
      identity = await ports.checkAccount();
    },
    () =>
      Promise.all([
        resolveRelease({ ref: options.release, again: type }, ports),
        ports.ledger.policy(options.environment),
      ]),
  );
  for (const warning of resolved.warnings) ports.progress.warn(warning);
  return { identity, resolved, policy };
}

interface Said {
  readonly outcome: ApproveResult["outcome"];
  /** Their last word now. */
  readonly last: Pick<Approval, "word" | "comment"> | undefined;
}

async function say(
  draft: ApprovalDraft,
  { own, options }: { readonly own: readonly Approval[]; readonly options: ApproveOptions },
  { ledger }: Pick<ApprovePorts, "ledger">,
): Promise<Said> {
  const [last] = lastWords(own);
  if (options.withdraw && last?.word !== options.word) return { outcome: "nothing-to-withdraw", last };
  if (last?.word === draft.word && (draft.comment === "" || draft.comment === last.comment))
    return { outcome: "already", last };
  if (options.dryRun) {
    await ledger.wouldApprove(draft);
    return { outcome: "planned", last: draft };
  }
  // Numbers of what others wrote in one's name are taken, too.
  await ledger.approve(draft, Math.max(0, ...own.map(({ number }) => number)) + 1);
  return { outcome: draft.word, last: draft };
}

function report(
  { environment, revision, bundle, principal }: ApprovalDraft,
  { says }: ResolvedRelease,
  { outcome, last }: Said,
): Omit<ApproveResult, "next" | "advice"> {
  const comment = last === undefined || last.comment === "" ? null : last.comment;
  return { outcome, environment, revision, bundle, says, principal, word: last?.word ?? null, comment };
}

function onwards(
  { environment, revision, word }: ApprovalDraft,
  outcome: ApproveResult["outcome"],
  again: string,
): Pick<ApproveResult, "next" | "advice"> {
  if (outcome === "planned") return { next: [again], advice: [] };
  const look = `threads gates ${revision} -e ${environment}`;
  if (outcome === "nothing-to-withdraw" || word === "withdrawn") return { next: [look], advice: [] };
  const verb = word === "approved" ? "approve" : "reject";
  return { next: [look], advice: [`to take it back: threads ${verb} ${revision} -e ${environment} --withdraw`] };
}

function requireAsked({ name, gates }: Config["environments"][string], release: string): ApprovalsGateConfig {
  if (gates.approvals !== undefined) return gates.approvals;
  throw new ThreadsError("NO_APPROVALS", {
    message: `${name} asks for no approvals (gates.approvals of threads.yml, or of a policy)`,
    next: [`threads gates ${release} -e ${name}`],
  });
}

function noComment({ release = "HEAD", environment }: ApproveOptions): ThreadsError {
  return new ThreadsError("NO_REASON", {
    message: "a rejection needs a comment: whoever is stopped by it reads it",
    next: ["threads reject --help"],
    advice: [`say why: threads reject ${release} -e ${environment} --comment "…"`],
  });
}

function requirePrincipal(arn: string): string {
  const principal = principalOf(arn);
  if (principal !== undefined) return principal;
  throw new ThreadsError("NOT_AN_APPROVER", {
    message: `AWS does not vouch for a name of ${arn}, so that what it says would count for nobody`,
    next: ["aws sts get-caller-identity"],
    advice: ["use an IAM user, a role, or a person of IAM Identity Center"],
  });
}

function requireApprover(
  principal: string,
  { config, flaw }: { readonly config: ApprovalsGateConfig; readonly flaw: string | undefined },
): void {
  const { by } = config;
  const why = mayApprove(config, principal) ? flaw : `approvals are asked for of ${list(by ?? [])}`;
  if (why === undefined) return;
  throw new ThreadsError("NOT_AN_APPROVER", {
    message: `what ${principal} says would not count: ${why}`,
    next: ["aws sts get-caller-identity"],
    advice: [by === undefined ? "ask somebody else" : `ask ${list(by.filter((one) => one !== principal))}`],
  });
}
