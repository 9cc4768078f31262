import type { Approval } from "../ledger/approvals.ts";
import type { ApprovalsGateConfig } from "../config/config.ts";

/** What people said of a release, and what tells whether it counts. */
export interface SaidFacts {
  /** Of this very bundle, oldest first. */
  readonly approvals: readonly Approval[];
  /** Who promotes it, by the word of AWS; undefined for whom AWS gives no name. */
  readonly promoter: string | undefined;
  /** Addresses of who had a part in the commit; undefined where git does not know it. */
  readonly authors: readonly string[] | undefined;
}

/** The last word of everybody who has written one themselves; what somebody wrote in another's name is none. */
export function lastWords(approvals: readonly Approval[]): readonly Approval[] {
  return [
    ...new Map(approvals.filter(({ writer }) => writer === undefined).map((one) => [one.principal, one])).values(),
  ];
}

/** Whether what this principal says is asked for. */
export function mayApprove({ by }: Pick<ApprovalsGateConfig, "by">, principal: string): boolean {
  return by === undefined || by.includes(principal);
}

/**
 * Whether a principal is one of these addresses: by the whole of it, or by what stands before the @, where GitHub's own have
 * a number and a plus. A role has no name of a person, and is nobody's author.
 */
export function isAuthor(principal: string, authors: readonly string[]): boolean {
  const [kind = "", name = ""] = principal.toLowerCase().split(/\/(.*)/s);
  if (kind === "role") return false;
  return authors.some((address) => {
    const [local = ""] = address.split("@");
    return [address, local, local.replace(/^\d+\+/, "")].includes(name);
  });
}
