/** Operator → key → values, any of which will do. */
export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** A policy as IAM takes it (IAM user guide, "Grammar of the IAM JSON policy language"), in the parts that threads writes. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  /** Of a trust policy: who may take the role. */
  readonly Principal?: { readonly AWS?: string; readonly Federated?: string; readonly Service?: string };
  readonly Action: readonly string[];
  /** Left out in a trust policy alone. */
  readonly Resource?: readonly string[];
  readonly Condition?: Condition;
}

/** Some actions on some resources, and why a role needs each of them. */
export interface Permission {
  /** Letters and digits, one in a policy. */
  readonly sid: string;
  /** Action → what it is for, in a few words. */
  readonly actions: Readonly<Record<string, string>>;
  /** ARNs. */
  readonly resources: readonly string[];
  readonly condition?: Condition;
}

/** The permissions as IAM takes them. */
export function documentOf(permissions: readonly Permission[]): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: permissions.map(({ sid, actions, resources, condition }) => ({
      Sid: sid,
      Effect: "Allow",
      Action: Object.keys(actions),
      Resource: resources,
      ...(condition !== undefined && { Condition: condition }),
    })),
  };
}
