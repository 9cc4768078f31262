import { resolve } from "node:path";
import { Flags } from "@oclif/core";
import { BaseCommand } from "../lib/cli/base-command.ts";

export default class Publish extends BaseCommand {
  static override summary = "Push the images that passed the smoke test, and last the bundle that makes them a release";
  static override description =
    "Pushes what `threads smoke` tagged for HEAD and never builds. What is in the registry already is left alone, so " +
    "running it again finishes what an interruption left open. Other contents under the same sha are refused; another build " +
    "of the same commit, too, unless --adopt says that it is known whose it is: then it stands, or, where it was only begun, " +
    "it is smoked here and finished. " +
    "--sign signs it through cosign, each image and the bundle by digest, and of a published release what is not signed yet. " +
    "--from takes what `threads smoke --save` has left on another machine: nothing is built or run where the credentials are.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --dry-run",
    "<%= config.bin %> <%= command.id %> --from /tmp/release",
    "<%= config.bin %> <%= command.id %> --sign",
  ];
  static override flags = {
    adopt: Flags.boolean({
      summary: "Where another build of the commit is published already, let it stand; where it is begun, finish it",
    }),
    from: Flags.string({
      summary: "Publish the images that smoke --save has left in this folder",
      helpValue: "FOLDER",
      exclusive: ["dry-run"],
    }),
    digest: Flags.string({
      summary: "Take them only if this is the digest that smoke has told",
      helpValue: "DIGEST",
      dependsOn: ["from"],
    }),
    sign: Flags.boolean({ summary: "Sign the images and the bundle, as the gate `signature` wants it" }),
    key: Flags.string({
      summary: "Sign with this key: a path, env://NAME, awskms:///alias/NAME (default: signing.key)",
      helpValue: "KEY",
      dependsOn: ["sign"],
    }),
    "dry-run": Flags.boolean({ summary: "Print what would be pushed, and do nothing" }),
  };

  protected override readonly asks = ["ecr", "sts"] as const;

  async run(): Promise<void> {
    const { flags } = await this.parse(Publish);
    await this.perform(
      flags,
      async (world) => {
        const [{ publish }, { openPublication }] = await Promise.all([
          import("../lib/actions/publish/run.ts"),
          import("../lib/wire/publication.ts"),
        ]);
        const { "dry-run": dryRun, adopt, digest, key } = flags;
        const sign = flags.sign ? { key } : undefined;
        const from = flags.from === undefined ? undefined : { folder: resolve(flags.from), digest };
        return publish({ dryRun, adopt, from, sign }, await openPublication(world));
      },
      async () => (await import("../lib/output/render/publish.ts")).renderPublish,
    );
  }
}
