import type { AccessControl } from "../../iam/access-control.ts";
import type { Call, JsonService } from "../../protocol.ts";
import { type Input, lastPart } from "../parts.ts";
import type { Task } from "../schedule/task.ts";
import type { Definition } from "../state.ts";

/** Where values come from, and by whose leave. */
export interface SecretPorts {
  readonly ssm: JsonService;
  readonly secretsManager: JsonService;
  readonly access: AccessControl;
  readonly account: string;
  readonly region: string;
}

const failed =
  "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed:";

/**
 * `NAME=value` for each container, read once, before it begins, by the execution role: it has to be there, and to be allowed.
 * @throws Error in the words of a task's stoppedReason
 */
export async function secretsOf(
  { body }: Definition,
  { id: taskId, overrides }: Pick<Task, "id" | "overrides">,
  ports: SecretPorts,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const { name, secrets = [] } of body.containerDefinitions) {
    if ((secrets as readonly Input[]).length === 0) continue;
    const call = callAs(overrides["executionRoleArn"] ?? body["executionRoleArn"], taskId, ports);
    const values: string[] = [];
    for (const secret of secrets as readonly Input[])
      values.push(`${String(secret["name"])}=${await valueOf(String(secret["valueFrom"]), call, ports)}`);
    found.set(String(name), values);
  }
  return found;
}

/** In AWS's own words where the role is not there, as stopped tasks of real accounts have them. */
function callAs(role: unknown, taskId: string, { access, region }: SecretPorts): Call {
  const arn = typeof role === "string" ? role : "";
  if (access.role(lastPart(arn)) === undefined)
    throw new Error(
      `ECS was unable to assume the role '${arn}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.`,
    );
  return { identity: access.identityOf({ role: lastPart(arn), name: taskId }), requestId: taskId, region };
}

async function valueOf(from: string, call: Call, ports: SecretPorts): Promise<string> {
  const isSecret = from.includes(":secretsmanager:");
  const where = isSecret ? "unable to retrieve secret from asm" : "unable to retrieve secrets from ssm";
  try {
    return await (isSecret ? secret(from, call, ports) : parameter(from, call, ports));
  } catch (error) {
    throw new Error(`${failed} ${where}: ${(error as Error).message}`, { cause: error });
  }
}

async function parameter(from: string, call: Call, { ssm, access }: SecretPorts): Promise<string> {
  const answer = (await ask(ssm, "GetParameters", { Names: [from], WithDecryption: true }, { call, access })) as {
    readonly Parameters: readonly { readonly Value: string }[];
  };
  const [found] = answer.Parameters;
  if (found === undefined) throw new Error(`invalid parameters: ${from}`);
  return found.Value;
}

/** `arn:…:secret:name-abcdef:key:stage:version`, of which the last three may be missing. */
async function secret(from: string, call: Call, { secretsManager, access }: SecretPorts): Promise<string> {
  const parts = from.split(":");
  const [key, stage, version] = parts.slice(7);
  const input = {
    SecretId: parts.slice(0, 7).join(":"),
    ...(stage ? { VersionStage: stage } : {}),
    ...(version ? { VersionId: version } : {}),
  };
  const answer = (await ask(secretsManager, "GetSecretValue", input, { call, access })) as {
    readonly SecretString: string;
  };
  if (!key) return answer.SecretString;
  const value = (JSON.parse(answer.SecretString) as Readonly<Record<string, unknown>>)[key];
  if (value === undefined) throw new Error(`retrieved secret from Secrets Manager did not contain json key ${key}`);
  return typeof value === "string" ? value : JSON.stringify(value);
}

async function ask(
  service: JsonService,
  operation: string,
  input: Input,
  { call, access }: { readonly call: Call; readonly access: AccessControl },
): Promise<unknown> {
  access.require(call.identity, (await service.accesses[operation]?.(input, call)) ?? []);
  return service.operations[operation]?.(input, call);
}
