import type { ApprovalsGateConfig } from "../config/config.ts";
import type { Approval } from "../ledger/approvals.ts";
import { count, dated, list } from "../text/words.ts";
import type { GateFacts } from "./gate-facts.ts";
import { isAuthor, lastWords, mayApprove, type SaidFacts } from "./said.ts";
import { blocked, missing, notConfigured, passed, type GateVerdict, waiting } from "./verdict.ts";

/** Whether enough people stand behind these very digests, and nobody against them. */
export function judgeApprovals({ environment: { name, gates }, published, said }: GateFacts): GateVerdict {
  const { approvals: config } = gates;
  if (config === undefined) return notConfigured;
  const { revision } = published.release;
  // Not read is not the same as nothing said.
  if (said === undefined)
    return missing("what people said of it was not looked at", `threads gates ${revision} -e ${name}`);
  const words = lastWords(said.approvals).filter(({ principal }) => mayApprove(config, principal));
  const rejections = words.filter(({ word }) => word === "rejected");
  if (rejections.length > 0)
    return {
      ...blocked(rejections.map(rejectionText).join("; "), `threads reject ${revision} -e ${name} --withdraw`),
      advice: [`${list(rejections.map(({ principal }) => principal))} can take it back: nobody else can`],
    };
  if (config.notAuthor && said.authors === undefined)
    return missing("this clone does not have the commit, so that nobody can tell who wrote it", "git fetch --all");
  const flaw = (principal: string): string | undefined => flawOf(principal, config, said);
  const approvals = words.filter(({ word, principal }) => word === "approved" && flaw(principal) === undefined);
  const who = approvals.map(({ principal, at }) => `${principal}, ${dated(at)}`);
  if (approvals.length >= config.count) return passed(`${count(approvals.length, "approval")}: ${who.join("; ")}`);
  const lacking = config.count - approvals.length;
  const says = [
    `${approvals.length} of ${count(config.count, "approval")}${who.length === 0 ? "" : ` (${who.join("; ")})`}`,
    ...uncounted(said.approvals, config, flaw),
  ].join("; ");
  const approve = `threads approve ${revision} -e ${name}`;
  const left = config.by?.filter(
    (principal) => flaw(principal) === undefined && !approvals.some((one) => one.principal === principal),
  );
  if (left === undefined)
    return waiting(says, { by: lacking === 1 ? "one more person" : `${lacking} more people` }, approve);
  if (left.length < lacking) return missing(`${says}; nobody else may who is left`, approve);
  return waiting(says, { by: left.length === lacking ? list(left) : `any ${lacking} of ${list(left)}` }, approve);
}

/** Why an approval of theirs does not count, completing "that of user/ada does not count: …". */
export function flawOf(
  principal: string,
  { notAuthor }: Pick<ApprovalsGateConfig, "notAuthor">,
  { promoter, authors = [] }: Pick<SaidFacts, "promoter" | "authors">,
): string | undefined {
  if (!notAuthor) return undefined;
  if (isAuthor(principal, authors)) return "the commit is theirs";
  return principal === promoter ? "it is they who promote it" : undefined;
}

function rejectionText({ principal, at, comment }: Approval): string {
  return `${principal} rejected it, ${dated(at)}: ${comment}`;
}

/** What was said and counts for nothing, and why: nobody may wonder where their approval is. */
function uncounted(
  all: readonly Approval[],
  config: ApprovalsGateConfig,
  flaw: (principal: string) => string | undefined,
): readonly string[] {
  const forged = all.flatMap(({ principal, writer }) =>
    writer === undefined ? [] : [`what is there in the name of ${principal} was written by ${writer}`],
  );
  const flawed = lastWords(all).flatMap(({ principal, word }) => {
    if (word !== "approved") return [];
    const why = mayApprove(config, principal) ? flaw(principal) : "nobody asks for it";
    return why === undefined ? [] : [`that of ${principal} does not count: ${why}`];
  });
  return [...new Set([...forged, ...flawed])];
}
