import type { HostCheck, VerifiedHost, VerifyResult } from "../../actions/verify/result.ts";
import { shortRevision } from "../../release/revision.ts";
import { count } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";

/** Of a host that is well one line; of one that is not each check that failed. */
export const renderVerify: Render<VerifyResult> = (result, paint, columns) => {
  const what = `${shortRevision(result.revision)} in ${paint.strong(result.environment)} (#${result.deployment})`;
  if (result.outcome === "planned")
    return [
      `Would check ${what}`,
      `  on ${result.hosts.map(({ name }) => name).join(", ")}`,
      `  ask for ${result.checks.join(", ")}`,
      ...nextLines(result, paint),
    ];
  const { outcome, hosts, certificates, recorded } = result;
  return [
    outcome === "passed"
      ? `${paint.good("✔")} Verified ${what}`
      : paint.bad(`✖ ${outcome === "failed" ? "Something is wrong with" : "Not all could be told of"} ${what}`),
    ...table(
      [...hosts.flatMap((host) => hostRows(host, paint)), ...certificates.map((one) => certificateRow(one, paint))],
      { columns, leave: [] },
    ),
    ...(recorded ? [paint.dim("  on record for gates that ask for it")] : []),
    ...nextLines(result, paint),
  ];
};

function hostRows({ name, verdict, says, checks }: VerifiedHost, paint: Paint): string[][] {
  const first = `  ${name}`;
  if (verdict === "passed") return [[first, paint.good(`✔ ${count(checks.length, "check")} passed`)]];
  if (verdict === "unread") return [[first, paint.warn(`could not be asked: ${says}`)]];
  const wrong = checks.filter(({ ok }) => !ok);
  const lines = [...(says === "" ? [] : [says]), ...wrong.map(checkText)];
  return lines.map((line, index) => [index === 0 ? first : "", paint.bad(`✖ ${line}`)]);
}

function certificateRow({ path, ok, status, detail }: HostCheck, paint: Paint): string[] {
  if (ok) return [`  ${path}`, paint.good(`✔ ${detail}`)];
  return [`  ${path}`, status === -1 ? paint.warn(detail) : paint.bad(`✖ ${detail}`)];
}

function checkText({ path, detail }: HostCheck): string {
  return `${path}: ${detail}`;
}
