import type { GetParametersByPathCommandOutput } from "@aws-sdk/client-ssm";
import type { AwsClients } from "../aws/clients.ts";
import { awsCalls, pages } from "../aws/patient-calls.ts";
import { ssmCalls } from "../aws/ssm-calls.ts";
import { secretOf } from "../config/secret-of.ts";
import { Secret } from "../secret/secret.ts";
import type { ParameterPorts } from "./store.ts";

type ValuePorts = ParameterPorts & { readonly aws: Pick<AwsClients, "secrets"> };

/**
 * Values of an application's settings, for whoever has to hide them: it needs ssm:GetParametersByPath, or
 * secretsmanager:GetSecretValue. @throws ThreadsError ACCESS_DENIED …
 * @param from a path of Parameter Store, or `secretsmanager:` and an ARN
 * @param others full names that lie there and are no settings: the ledger's own
 */
export async function settingValues(
  from: string,
  others: readonly string[],
  ports: ValuePorts,
): Promise<readonly Secret[]> {
  const secret = secretOf(from);
  const values = secret === undefined ? await inFolder(from, others, ports) : await inSecret(secret, ports);
  return values.map((value) => new Secret(value));
}

async function inFolder(path: string, others: readonly string[], ports: ValuePorts): Promise<readonly string[]> {
  const folder = path.replace(/\/$/, "");
  const call = ssmCalls(ports);
  const read = (token: string | undefined): Promise<GetParametersByPathCommandOutput> =>
    call({
      doing: `reading the values below ${path} that have to be hidden`,
      send: (client, { GetParametersByPathCommand }, options) => {
        const which = { Path: folder, WithDecryption: true, MaxResults: 10 };
        return client.send(
          new GetParametersByPathCommand(token === undefined ? which : { ...which, NextToken: token }),
          options,
        );
      },
    });
  const found: string[] = [];
  for await (const { Parameters = [] } of pages(read))
    for (const { Name = "", Value = "" } of Parameters) if (!others.includes(Name)) found.push(Value);
  return found;
}

async function inSecret(id: string, ports: ValuePorts): Promise<readonly string[]> {
  const call = awsCalls({ client: () => ports.aws.secrets(), sdk: () => import("../aws/secrets-sdk.ts") }, ports);
  const { SecretString = "" } = await call({
    doing: `reading the values of ${id} that have to be hidden`,
    send: (client, { GetSecretValueCommand }, options) =>
      client.send(new GetSecretValueCommand({ SecretId: id }), options),
  });
  return valuesOf(SecretString);
}

/** As ECS takes it apart, an object; what is none is one value, and what lies deeper is hidden as it stands, and piece by piece. */
function valuesOf(text: string): readonly string[] {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null)
      return Object.values(parsed).map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
  } catch {
    // No JSON.
  }
  return [text];
}
