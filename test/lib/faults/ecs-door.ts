import type { ECSClient } from "@aws-sdk/client-ecs";

/**
 * How calls of ECS go wrong from one on. lost: it takes effect, and its reply never comes, once. unsent: nothing arrives, once.
 * throttled, error-500, denied: that operation is answered so from then on. killed: it takes effect, and the process is gone;
 * killed-before: it is gone by then. meddled: somebody else does something at that moment.
 */
export type Kind = "lost" | "unsent" | "throttled" | "error-500" | "denied" | "killed" | "killed-before" | "meddled";

export interface Fault {
  /** As in `calls`. */
  readonly call: string;
  readonly kind: Kind;
  /** What somebody else does, once the call has taken effect. */
  readonly meanwhile?: () => Promise<unknown>;
}

type Handler = ECSClient["config"]["requestHandler"];

/** A door before ECS that one process has to itself: it names every call, and lets one go wrong. */
export class Door {
  /** Every call in the order of arrival, e.g. `UpdateService shop-prod-web #1`. */
  readonly calls: string[] = [];
  met = false;
  dead = false;
  readonly #fault: Fault | undefined;

  constructor(fault?: Fault) {
    this.#fault = fault;
  }

  /** What a client of the process has as its way to ECS. */
  over(inner: Handler): Handler {
    return { ...inner, handle: (request, options) => this.#handle(inner, request, options) } as Handler;
  }

  async #handle(inner: Handler, ...[request, options]: Parameters<Handler["handle"]>): ReturnType<Handler["handle"]> {
    if (this.dead) throw gone();
    const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    const kind = this.#meet(
      operation,
      subjectOf(JSON.parse(new TextDecoder().decode(request.body as Uint8Array)) as Input),
    );
    if (kind === "killed-before") this.dead = true;
    if (kind === "killed-before" || kind === "unsent") throw gone();
    if (kind !== undefined && kind in refusals) return refused(kind as keyof typeof refusals, operation);
    const answer = await inner.handle(request, options);
    if (kind === "killed") this.dead = true;
    if (kind === "meddled") await this.#fault?.meanwhile?.();
    if (kind === "killed" || kind === "lost") throw gone();
    return answer;
  }

  #meet(operation: string, subject: string): Kind | undefined {
    const name = `${operation} ${subject}`.trim();
    const call = `${name} #${this.calls.filter((one) => one.startsWith(`${name} #`)).length + 1}`;
    this.calls.push(call);
    if (this.#fault === undefined) return undefined;
    const { kind } = this.#fault;
    if (this.met) return kind in refusals && this.#fault.call.startsWith(`${operation} `) ? kind : undefined;
    this.met = call === this.#fault.call;
    return this.met ? kind : undefined;
  }
}

interface Input {
  readonly service?: string;
  readonly serviceName?: string;
  readonly services?: readonly string[];
  readonly family?: string;
  readonly familyPrefix?: string;
  readonly taskDefinition?: string;
  readonly resourceArn?: string;
  readonly serviceDeploymentArns?: readonly string[];
  readonly serviceDeploymentArn?: string;
  readonly startedBy?: string;
  readonly desiredStatus?: string;
}

/** What a call is about, the same from release to release. */
function subjectOf(input: Input): string {
  const { service, serviceName, services, family, familyPrefix, taskDefinition, resourceArn, startedBy } = input;
  const { serviceDeploymentArn, serviceDeploymentArns = [serviceDeploymentArn ?? ""], desiredStatus = "" } = input;
  const of = serviceDeploymentArns.map((arn) => arn.split("/").at(-2) ?? "").join(",");
  const about = service ?? serviceName ?? services?.join(",") ?? family ?? familyPrefix ?? taskDefinition ?? of;
  const last = (resourceArn ?? (about === "" ? (startedBy ?? "") : about)).split("/").at(-1) ?? "";
  return `${last.replaceAll(/:?\d+/g, "")} ${desiredStatus}`.trim();
}

function gone(): Error {
  return Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
}

const refusals = {
  throttled: [400, "ThrottlingException", "Rate exceeded"],
  "error-500": [500, "ServerException", "made to fail"],
  denied: [400, "AccessDeniedException", ""],
} as const;

function refused(kind: keyof typeof refusals, operation: string): Awaited<ReturnType<Handler["handle"]>> {
  const [statusCode, type, text] = refusals[kind];
  const who = "arn:aws:sts::000000000000:assumed-role/threads-prod-deployer/ada";
  const message = text === "" ? `User: ${who} is not authorized to perform: ecs:${operation} on resource: *` : text;
  const body = Buffer.from(JSON.stringify({ __type: type, message }));
  const headers = { "content-type": "application/x-amz-json-1.1", date: new Date().toUTCString() };
  return { response: { statusCode, headers, body } } as Awaited<ReturnType<Handler["handle"]>>;
}
