import type { Permission } from "./document.ts";
import { createRecords, readRecords } from "./ledger-permissions.ts";
import { pullLayers } from "./registry-permissions.ts";
import { arnsOf, type IamEnvironment, type IamSubject } from "./subject.ts";

/** What `publish --sign` needs beyond pushing, which reads what is signed already: a key that AWS keeps signs there. */
export function signReleases(subject: IamSubject): readonly Permission[] {
  const { signing } = subject;
  if (signing === undefined) return [];
  return useKey(subject, signing.key, {
    sid: "Sign",
    actions: { "kms:Sign": "signs releases", ...readKey("signs releases") },
  });
}

/** What the gate `signature` asks: whether it has passed before, and, where images are not pulled anyway, the signatures. */
export function judgeSignatures(
  subject: IamSubject,
  { name, signature }: IamEnvironment,
  { pulls = false } = {},
): readonly Permission[] {
  if (signature === undefined) return [];
  const [read] = readRecords(subject, { folders: [], named: [signedRecord(subject, name)] });
  const label = sidOf(name);
  return [
    ...(pulls ? [] : pullLayers(subject, "judges the gate signature")),
    ...(read === undefined ? [] : [{ ...read, sid: `ReadSigned${label}` }]),
    ...useKey(subject, signature.key, { sid: `ReadKey${label}`, actions: readKey("judges the gate signature") }),
  ];
}

/** From the first promotion that passed it, the gate holds: that is written once. */
export function recordSigned(subject: IamSubject, { name, signature }: IamEnvironment): readonly Permission[] {
  if (signature === undefined) return [];
  return [
    createRecords(subject, {
      sid: "RecordSigned",
      why: "writes down that the gate signature has passed once, so that it holds",
      names: [signedRecord(subject, name)],
    }),
  ];
}

function signedRecord({ app }: IamSubject, environment: string): string {
  return `/${app}/${environment}/signed`;
}

function sidOf(name: string): string {
  return name.replaceAll(/(?:^|-)([a-z0-9])/g, (_, first: string) => first.toUpperCase());
}

function readKey(why: string): Permission["actions"] {
  return { "kms:GetPublicKey": why, "kms:DescribeKey": why };
}

/**
 * A key of KMS as cosign names it: `awskms://ENDPOINT/ID`, an alias, or the ARN of either (sigstore, KMS integrations). An alias
 * is no resource of these actions: the key is known by it (condition key kms:ResourceAliases). Other keys are not AWS's matter.
 */
function useKey(
  subject: IamSubject,
  uri: string | undefined,
  { sid, actions }: Pick<Permission, "sid" | "actions">,
): readonly Permission[] {
  const name = /^awskms:\/\/[^/]*\/(.+)$/.exec(uri ?? "")?.[1];
  if (name === undefined) return [];
  const alias = /(?:^|:)(alias\/.+)$/.exec(name)?.[1];
  const { key } = arnsOf(subject);
  if (alias === undefined) return [{ sid, actions, resources: [name.startsWith("arn:") ? name : key(name)] }];
  const condition = { "ForAnyValue:StringEquals": { "kms:ResourceAliases": alias } };
  return [{ sid, actions, resources: [key("*")], condition }];
}
