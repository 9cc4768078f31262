import { randomBytes } from "node:crypto";
import type { Config } from "../config/config.ts";
import type { HostedEnvironment } from "../fleet/hosts.ts";
import type { Answer } from "../fleet/answer.ts";
import type { MemberStats } from "../fleet/member-stats.ts";
import type { Member } from "../fleet/target.ts";
import type { HostRun, Remote } from "../remote/remote.ts";
import { parseStatsReport, type StatsReport } from "../script/stats-report.ts";
import { statsScript } from "../script/stats-script.ts";
import { askHosts, silenceOf } from "./ask-hosts.ts";
import { offlineSilence } from "./observe.ts";

interface HostStatsPorts {
  readonly config: Pick<Config, "app">;
  readonly remote: Pick<Remote, "send" | "wait" | "cancel">;
}

/** Beside the samples: the agent, and the last one of a docker that is slow. */
const graceMs = 60_000;

/** What containers take of hosts: one command for fifty of them, which samples for the whole time and sums up there. */
export function hostStats({ name }: HostedEnvironment, { config: { app }, remote }: HostStatsPorts): MemberStats {
  return {
    sample: async (members, durationMs, signal) => {
      const nonce = randomBytes(8).toString("hex");
      const question = {
        script: statsScript({ app, nonce, durationMs }),
        label: `${app} ${name} stats`,
        environment: name,
        executionMs: durationMs + graceMs,
        doing: "asking hosts what their containers take",
        lasts: true,
      } as const;
      const online = members.filter((member) => member.online);
      const runs = await askHosts(question, online, { remote, signal });
      return new Map(members.map((member) => [member.id, heard(member, runs, nonce)]));
    },
  };
}

function heard({ id, online }: Member, runs: readonly HostRun[], nonce: string): Answer<StatsReport> {
  if (!online) return { silence: offlineSilence };
  const run = runs.find(({ host }) => host === id);
  const report = run && parseStatsReport(run.stdout, nonce);
  if (report === undefined) return { silence: silenceOf(run) };
  return report.end === "sampled" ? { report } : { silence: report.message };
}
