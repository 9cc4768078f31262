import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";
import { loadFlags, spanFlag } from "../lib/cli/load-flags.ts";

export default class Rehearse extends BaseCommand {
  static override summary =
    "Deploy a release in a sandbox that has what an environment runs, under load, and roll it back";
  static override description =
    "The very deployment, before it happens: a throw-away sandbox gets what the environment runs, then the release is " +
    "deployed and rolled back while requests are made, its migrations included. Failed requests, the longest waits and the " +
    "locks that migrations held are told step by step, beside the last real deployment. Exit code 5 where the limits were " +
    "not kept; what kept them is put on record for a gate that asks for it. The environment itself is not touched.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e prod",
    "<%= config.bin %> <%= command.id %> 4f2c1d9 -e prod --dry-run",
    "<%= config.bin %> <%= command.id %> staging -e prod --rate 50 --budget max=2s,errors=0",
    "<%= config.bin %> <%= command.id %> 4f2c1d9 -e prod --hosts 1 --lock 3s",
  ];
  static override args = {
    release: Args.string({
      ignoreStdin: true,
      description: "Full or short sha, version, tag, branch, or an environment: what runs there (default: HEAD)",
    }),
  };
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment whose deployment is rehearsed" }),
    rate: loadFlags.rate,
    budget: loadFlags.budget,
    lock: spanFlag({ summary: "A migration may keep others from a table for so long (1s)" }),
    hosts: Flags.integer({ summary: "So many hosts (as many as it has, and fit)", helpValue: "COUNT", min: 1, max: 9 }),
    "dry-run": Flags.boolean({ summary: "Print what would be deployed over what, and do nothing" }),
  };

  protected override readonly asks = ["ecr", "ssm"] as const;
  protected override readonly needs = "hosts";

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Rehearse);
    const { environment, rate, budget, hosts, lock: lockMs, "dry-run": dryRun } = flags;
    const result = await this.perform(
      flags,
      async (world) => {
        const [{ rehearse }, { openRehearsal }] = await Promise.all([
          import("../lib/actions/rehearse/run.ts"),
          import("../lib/wire/rehearsal.ts"),
        ]);
        const options = { environment, release: args.release, rate, budget, lockMs, hosts, dryRun };
        return rehearse(options, await openRehearsal(world));
      },
      async () => (await import("../lib/output/render/rehearse.ts")).renderRehearse,
    );
    if (result.outcome === "failed") this.endAs("checks");
  }
}
