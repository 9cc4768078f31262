import type { DoctorCheckResult, CheckState, DoctorFix, DoctorResult } from "../../actions/doctor/result.ts";
import { are, count } from "../../text/words.ts";
import { nextLines } from "../next.ts";
import type { Paint, Render } from "../paint.ts";
import { table } from "../table.ts";

const marks: Readonly<Record<CheckState, string>> = { ok: "✔", warn: "!", fail: "✖" };

/** A line for each check; below it what more there is to say, and the fix. */
export const renderDoctor: Render<DoctorResult> = ({ checks, fixed }, paint, columns) => {
  const cells = checks.map((check) => [mark(check, paint), check.title, check.says]);
  const rows = table(cells, { columns, leave: [] });
  const lines = checks.flatMap((check, index) => [rows[index] ?? "", ...more(check, paint)]);
  const count = (state: CheckState): number => checks.filter((check) => check.state === state).length;
  return [
    ...fixed.map(fixLine),
    ...(fixed.length === 0 ? [] : [""]),
    ...lines,
    "",
    verdict(count("fail"), count("warn"), paint),
  ];
};

function fixLine({ document, did, done }: DoctorFix): string {
  const what = did === "created" ? "create" : "add a version to";
  const past = did === "created" ? "created" : "added a version to";
  return done ? `${past} the document ${document}` : `would ${what} the document ${document}`;
}

function mark({ state }: DoctorCheckResult, paint: Paint): string {
  if (state === "ok") return paint.good(marks.ok);
  return state === "warn" ? paint.warn(marks.warn) : paint.bad(marks.fail);
}

function more(check: DoctorCheckResult, paint: Paint): string[] {
  return [...check.details.map((detail) => paint.dim(`     ${detail}`)), ...nextLines(check, paint, "     ")];
}

function verdict(failed: number, warned: number, paint: Paint): string {
  const warnings = warned === 0 ? "" : `, ${warned} to look at`;
  if (failed === 0) return paint.good(`nothing is wrong${warnings}`);
  return paint.bad(`${count(failed, "thing")} ${are(failed)} wrong${warnings}`);
}
