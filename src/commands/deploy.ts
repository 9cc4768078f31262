import { Args, Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";
import { environmentFlag } from "../lib/cli/environment-flag.ts";
import { paceFlags, typedPace } from "../lib/cli/pace-flags.ts";
import { withoutFlag } from "../lib/cli/without-flag.ts";
import { withAddresses } from "../lib/cli/with-addresses.ts";

export default class Deploy extends BaseCommand {
  static override summary = "Bring a release to every host of an environment";
  static override description =
    "One host after another, or in batches behind the first: pull by digest, migrate on the first, switch, check the health " +
    "by release id. A host that fails goes back by itself, and so do those before it, but not behind a migration that " +
    "contracts. Hosts that come meanwhile are brought along. Ctrl-C lets the current host finish and begins no other; a " +
    "second one cancels it. TERM, or a cancelled job, lets it finish by itself, and the next run goes on.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> -e staging",
    "<%= config.bin %> <%= command.id %> -e prod 4f2c1d9 --dry-run",
    "<%= config.bin %> <%= command.id %> -e prod staging",
    "<%= config.bin %> <%= command.id %> -e prod 4f2c1d9 --supersede 12",
    "<%= config.bin %> <%= command.id %> -e prod 4f2c1d9 --without web-2",
    "<%= config.bin %> <%= command.id %> -e prod 4f2c1d9 --lift-hold 13",
    "<%= config.bin %> <%= command.id %> -e prod 4f2c1d9 --observe 60s --batch 25%",
    "<%= config.bin %> <%= command.id %> -e prod 4f2c1d9 --weights 5,25,100",
    "<%= config.bin %> <%= command.id %> -e prod --continue 2",
    "<%= config.bin %> <%= command.id %> -e prod --resume",
  ];
  static override args = {
    release: Args.string({
      ignoreStdin: true,
      description: "Full or short sha, version, tag, branch, or an environment: what runs there (default: HEAD)",
    }),
  };
  static override flags = {
    environment: environmentFlag({ required: true, summary: "Environment to deploy to" }),
    "allow-older": Flags.boolean({ summary: "Deploy although a newer release runs there" }),
    "dry-run": Flags.boolean({ summary: "Print the release, the hosts and the steps, and do nothing" }),
    continue: Flags.integer({
      summary: "Approve this step of a deployment that waits for it, and go on",
      helpValue: "STEP",
      min: 1,
      exclusive: ["force", "resume", "weights"],
    }),
    force: Flags.boolean({ summary: "Deploy although every host runs it already" }),
    "lift-hold": Flags.integer({ summary: "Lift the hold of this rollback", helpValue: "NUMBER", min: 1 }),
    ...paceFlags,
    resume: Flags.boolean({
      summary: "Go on with the newest deployment that did not end: its release, its remaining hosts",
      exclusive: ["force"],
    }),
    reason: Flags.string({ summary: "Why, for whoever reads `history --all`", helpValue: "TEXT" }),
    supersede: Flags.integer({ summary: "Take over this unfinished deployment", helpValue: "NUMBER", min: 1 }),
    unverified: Flags.boolean({
      summary: "Where there are no gates: deploy although nobody here can compare the bundle with git",
    }),
    wait: Flags.boolean({ summary: "Where somebody else is at work, wait until they have ended" }),
    without: withoutFlag,
  };

  protected override readonly asks = ["ecr", "sts", "ssm"] as const;
  protected override readonly needs = "target";

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Deploy);
    const { environment, force, supersede, reason, wait, unverified, continue: approves, without = [] } = flags;
    await this.perform(
      flags,
      async (world) => {
        const [{ deploy }, { openDeployment }] = await Promise.all([
          import("../lib/actions/deploy/run.ts"),
          import("../lib/wire/deployment.ts"),
        ]);
        const paced = { pace: typedPace(flags), resume: flags.resume, dryRun: flags["dry-run"] };
        const allowed = { liftHold: flags["lift-hold"], allowOlder: flags["allow-older"], without };
        const options = { environment, release: args.release, force, supersede, reason, wait, unverified, approves };
        return deploy({ ...options, ...allowed, ...paced }, await openDeployment(world));
      },
      (world) => withAddresses(world, async () => (await import("../lib/output/render/rollout.ts")).rolloutRenderer),
    );
  }
}
