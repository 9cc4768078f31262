import { z } from "zod";

// Who signs a release, and whose signature is asked for.

const log = z
  .boolean()
  .default(true)
  .describe("Whether signatures stand in the transparency log, which everybody can read; false only with a key");

const keyForm = /^-----BEGIN PUBLIC KEY-----[\w+/=\s]+-----END PUBLIC KEY-----\s*$|^(?:aws|azure|gcp)kms:\/\/\S+$/;
const identityForm = /^https:\/\/\S+$|^[^\s@/]+@[^\s@/]+$/;

/** By what a signature of GitHub's workflows says that it is vouched for (Fulcio, OIDC usage). */
const github = "https://token.actions.githubusercontent.com";

/** Who vouches for a name where nothing else is said; of no other is that known. */
const usual: readonly (readonly [form: RegExp, issuer: string])[] = [
  [/^https:\/\/github\.com\//, github],
  [/^https:\/\/gitlab\.com\//, "https://gitlab.com"],
];

function issuerOf(by: string): string | undefined {
  return usual.find(([form]) => form.test(by))?.[1];
}

/** Gate signature. A path would be a file that any branch can change: a key stands here itself, or a service has it. */
export const signature = z
  .strictObject({
    by: z
      .string()
      .refine(
        (text) => keyForm.test(text) || identityForm.test(text),
        "a workflow (https://github.com/OWNER/REPO/.github/workflows/NAME.yml@refs/heads/BRANCH, https://gitlab.com/GROUP/PROJECT//.gitlab-ci.yml@refs/heads/BRANCH), an address, the public key itself, or awskms:///alias/NAME",
      )
      .describe(
        "Who must have signed: a workflow with its branch, `*` for any text; or a key, its public half or awskms:///alias/NAME",
      ),
    issuer: z
      .string()
      .regex(/^https:\/\/\S+$/, "an address that begins with https://")
      .optional()
      .describe(
        `Who vouches for a workflow or an address (${github} for one of github.com, https://gitlab.com of gitlab.com)`,
      ),
    log,
    required: z
      .boolean()
      .default(false)
      .describe("From the first promotion on; otherwise it only warns until it has passed once in the environment"),
  })
  .refine(({ by, issuer }) => issuer === undefined || !keyForm.test(by), "for a key nobody vouches: no `issuer`")
  .refine(({ by, log: logged }) => logged || keyForm.test(by), "without a key only the log proves anything")
  .refine(
    ({ by, issuer }) => keyForm.test(by) || (issuer ?? issuerOf(by)) !== undefined,
    "who vouches for that name must be said: `issuer: https://accounts.google.com`, or what else the certificate has",
  )
  .transform(({ by, issuer, log: logged, required }) => ({
    required,
    by: keyForm.test(by) ? { key: by.trim(), log: logged } : { identity: by, issuer: issuer ?? issuerOf(by) ?? "" },
  }));

/** How `threads publish --sign` signs. */
export const signing = z
  .strictObject({
    key: z
      .string()
      .regex(/^[^\s-]\S*$/, "a path, env://NAME, or a key of a key service: awskms:///alias/NAME")
      .optional()
      .describe("Key that signs: a path, env://NAME, awskms:///alias/NAME; where absent, the workflow that publishes"),
    log,
  })
  .refine(({ key, log: logged }) => key !== undefined || logged, "without a key only the log proves anything");
