import type { PromoteResult } from "../../actions/promote/result.ts";
import type { PublishResult } from "../../actions/publish/result.ts";
import type { TestResult } from "../../actions/test/result.ts";
import type { VerifyResult } from "../../actions/verify/result.ts";
import { reportSummary } from "./report.ts";
import type { Next } from "../../errors/next.ts";
import { shortRevision } from "../../release/revision.ts";
import type { SmokeResult } from "../../stack/result.ts";
import { took } from "../../text/words.ts";
import { code, plain, table } from "./markdown.ts";
import { rolloutSummary } from "./rollout.ts";
import { type Summary, summaryText } from "./summary.ts";
import type { Told } from "./told.ts";

const summaries: { readonly [Command in keyof Told]: (result: Told[Command]) => Summary } = {
  test: testSummary,
  smoke: smokeSummary,
  publish: publishSummary,
  promote: promoteSummary,
  deploy: rolloutSummary,
  converge: rolloutSummary,
  rollback: rolloutSummary,
  verify: verifySummary,
  report: reportSummary,
};

/** Whether a workflow's summary tells of this command. */
export function isTold(command: string): command is keyof Told {
  return Object.hasOwn(summaries, command);
}

/** @param result of that command, as --json prints it */
export function resultText(command: keyof Told, result: Next): string {
  // The compiler does not see that each of them gets its own.
  const summarise = summaries[command] as (own: Next) => Summary;
  return summaryText(command, summarise(result), result);
}

function testSummary(result: TestResult): Summary {
  const { service, revision, since } = result;
  if (result.outcome === "unchanged")
    return {
      title: `the suites in ${code(service)} were not run`,
      facts: [
        ["outcome", "unchanged"],
        ["release", code(revision)],
        ["nothing changed since", code(since?.from ?? since?.name ?? "")],
      ],
      more: [],
    };
  if (result.outcome === "planned")
    return { title: `would run the suites in ${code(service)}`, facts: [["release", code(revision)]], more: [] };
  const { buildMs, suitesMs } = result.durations;
  return {
    title: `✔ the suites in ${code(service)} passed`,
    facts: [
      ["outcome", "passed"],
      ["release", code(revision)],
      ["took", `build ${took(buildMs)}, suites ${took(suitesMs)}`],
    ],
    more: [],
  };
}

function smokeSummary(result: SmokeResult): Summary {
  const release = [["release", code(result.revision)]] as const;
  if (result.outcome === "planned")
    return { title: "would smoke", facts: [["outcome", "planned"], ...release], more: [] };
  const { checks, durations, tagged, leftovers, bundle, recorded } = result;
  const { buildMs, upMs, checksMs } = durations;
  const rows = checks.map(({ path, status, ok, detail }) => [
    `${ok ? "✔" : "✖"} ${code(path)}`,
    String(status),
    plain(detail),
  ]);
  return {
    title: `✔ ${code(shortRevision(result.revision))} passed the smoke test`,
    facts: [
      ["outcome", "passed"],
      ...release,
      ["published as", bundle === null ? "" : code(bundle)],
      ["on record", recorded ? "for gates that ask for it" : ""],
      ["tagged", tagged.map(code).join(", ")],
      ["took", `${bundle === null ? "build" : "pull"} ${took(buildMs)}, up ${took(upMs)}, checks ${took(checksMs)}`],
      ["still there", leftovers.map(plain).join(", ")],
    ],
    more: [table(["check", "status", "says"], rows)],
  };
}

function publishSummary({ outcome, revision, bundle, images, otherBuild }: PublishResult): Summary {
  const words = { published: "✔ published", "already-published": "✔ already published", planned: "would publish" };
  const rows = images.map((image) => [
    plain(image.service),
    code(image.repository),
    code(image.digest ?? ""),
    plain(image.action),
  ]);
  return {
    title: `${words[outcome]} ${code(shortRevision(revision))}`,
    facts: [
      ["outcome", outcome],
      ["release", code(revision)],
      ["bundle", code(bundle.digest ?? "")],
      ["another image stands", otherBuild.map(plain).join(", ")],
    ],
    more: [table(["service", "repository", "digest", "lacked"], rows)],
  };
}

function promoteSummary(result: PromoteResult): Summary {
  const { outcome, environment, revision, bundle, tags, gates, images, warnings } = result;
  const words = {
    promoted: "✔ promoted",
    "already-promoted": "✔ already promoted",
    planned: "would promote",
    waiting: "waits for its gates:",
    refused: "✖ would be refused:",
  };
  const gateRows = gates.map(({ gate, state, says, reason }) => [gate, state, plain(says), plain(reason ?? "")]);
  const imageRows = images.map((image) => [plain(image.service), code(image.digest), image.outcome]);
  return {
    title: `${words[outcome]} ${code(shortRevision(revision))} to ${code(environment)}`,
    facts: [
      ["outcome", outcome],
      ["environment", code(environment)],
      ["release", code(revision)],
      ["bundle", code(bundle.digest)],
      ["tags", tags.map(code).join(", ")],
      ["warnings", warnings.map(plain).join("<br>")],
    ],
    more: [
      table(["gate", "state", "says", "overridden because"], gateRows),
      table(["service", "digest", "tag"], imageRows),
    ],
  };
}

function verifySummary(result: VerifyResult): Summary {
  const { environment, revision, bundle, deployment } = result;
  const [where, what] = [code(environment), code(shortRevision(revision))];
  const facts: Summary["facts"] = [
    ["outcome", result.outcome],
    ["environment", where],
    ["release", code(revision)],
    ["bundle", code(bundle)],
    ["deployment", String(deployment)],
  ];
  if (result.outcome === "planned") return { title: `would check ${what} on ${where}`, facts, more: [] };
  const titles = {
    passed: `✔ ${where} answers as ${what} must`,
    failed: `✖ ${where} does not answer as ${what} must`,
    unread: `not every host of ${where} could be asked`,
  };
  const rows = result.hosts.flatMap(({ name, verdict, says, checks }) => [
    [plain(name), verdict, plain(says)],
    ...checks.map(({ path, status, ok, detail }) => [`${ok ? "✔" : "✖"} ${code(path)}`, String(status), plain(detail)]),
  ]);
  return {
    title: titles[result.outcome],
    facts: [...facts, ["recorded", result.recorded ? "yes" : "no"]],
    more: [table(["host, check", "verdict, status", "says"], rows)],
  };
}
