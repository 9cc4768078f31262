/** What roles are written for: an application, as threads.yml and ECR_REPO have it. */
export interface IamSubject {
  readonly app: string;
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** Names of ECR repositories; `*` stands for any text, as in policies. */
  readonly repositories: readonly string[];
  readonly environments: readonly IamEnvironment[];
  /** What signs releases: a key of KMS, or whoever publishes; undefined where nobody asks for signatures. */
  readonly signing: { readonly key: string | undefined } | undefined;
}

export interface IamEnvironment {
  readonly name: string;
  /** Tag of its hosts; undefined where nothing is deployed. */
  readonly hosts:
    | {
        readonly tag: string;
        readonly value: string;
        readonly documents: boolean;
        readonly logGroup?: string | undefined;
      }
    | undefined;
  /** Undefined where it does not run on ECS. */
  readonly ecs: IamEcs | undefined;
  /** Takes promoted releases only. */
  readonly isGated: boolean;
  /** Environments whose deployments its gates look at. */
  readonly looksAt: readonly string[];
  readonly hasScanGate: boolean;
  /** What its gate `signature` wants; undefined where it has none. */
  readonly signature: { readonly key: string | undefined } | undefined;
  /** Change calendars that its gate `window` asks for: names, or ARNs. */
  readonly calendars: readonly string[];
  /** Where its hosts read the application's environment: a path of Parameter Store, or `secretsmanager:NAME`. */
  readonly envFrom: string | undefined;
}

/** What an environment has on ECS; `*` in names stands for any text. */
export interface IamEcs {
  /** Its name. */
  readonly cluster: string;
  readonly services: readonly string[];
  /** Of task definitions. */
  readonly families: readonly string[];
  /** ARNs of the roles that its tasks have. */
  readonly roles: readonly string[];
  /** ARNs of the roles by which ECS shifts requests. */
  readonly shifting: readonly string[];
  readonly logGroup: string;
}

/** ARNs of one account and region. */
export interface Arns {
  /** @param name with the slash at its beginning. */
  readonly parameter: (name: string) => string;
  readonly repository: (name: string) => string;
  readonly secret: (name: string) => string;
  readonly key: (id: string) => string;
  /** A document of AWS itself has no account in its ARN. */
  readonly document: (name: string) => string;
  readonly instances: () => string;
  /** A log group, and the streams in it. */
  readonly logGroup: (name: string) => readonly string[];
  readonly role: (name: string) => string;
  /** A cluster, or what is in one: `CLUSTER/NAME`. */
  readonly inCluster: (kind: string, path: string) => string;
  /** Of ECS: `family:revision`. */
  readonly definition: (name: string) => string;
}

export function arnsOf({ account, region }: Pick<IamSubject, "account" | "region">): Arns {
  const partition = partitionOf(region);
  const arn = (service: string, rest: string, owner = account): string =>
    `arn:${partition}:${service}:${region}:${owner}:${rest}`;
  return {
    parameter: (name) => arn("ssm", `parameter${name}`),
    repository: (name) => arn("ecr", `repository/${name}`),
    // Six characters at the end of a secret's ARN are AWS's own.
    secret: (name) => (name.startsWith("arn:") ? name : arn("secretsmanager", `secret:${name}-??????`)),
    key: (id) => arn("kms", `key/${id}`),
    document: (name) =>
      name.startsWith("arn:") ? name : arn("ssm", `document/${name}`, name.startsWith("AWS-") ? "" : account),
    instances: () => arn("ec2", "instance/*"),
    logGroup: (name) => [arn("logs", `log-group:${name}`), arn("logs", `log-group:${name}:*`)],
    inCluster: (kind, path) => arn("ecs", `${kind}/${path}`),
    definition: (name) => arn("ecs", `task-definition/${name}`),
    role: (name) => `arn:${partition}:iam::${account}:role/${name}`,
  };
}

/** The part of AWS that a region belongs to (AWS General Reference, ARNs). */
export function partitionOf(region: string): string {
  const [, special = ""] = /^(cn|us-gov|eusc)-/.exec(region) ?? [];
  return special === "" ? "aws" : `aws-${special}`;
}
