import { ThreadsError } from "../errors/threads-error.ts";
import type { HeldService, Pause } from "../script/pause.ts";
import type { OrderPorts } from "./order-ports.ts";
import { isOver, readRollouts, type SeenRollout } from "./rollouts.ts";
import type { SeenService } from "./services.ts";

/** What of a service waits for an answer; none where its deployment goes on, or back. */
export function pausesIn(service: string, { arn, stage, status }: SeenRollout): readonly Pause[] {
  if (stage === undefined || status !== "IN_PROGRESS") return [];
  const { name, percent, pauses } = stage;
  return pauses.map((pause) => ({ ...pause, service, deployment: arn, stage: name, percent }));
}

/** Whether it still is to run what a deployment of ours told it last: what ECS works on there is ours. */
export function isOurs({ definition, marks }: Pick<SeenService, "definition" | "marks">): boolean {
  return marks.order !== undefined && marks.release?.definition === definition;
}

/** Those that wait of what deployments of ours have begun. */
export function heldIn(
  services: readonly SeenService[],
  open: ReadonlyMap<string, SeenRollout>,
): readonly HeldService[] {
  return services.filter(isOurs).flatMap(({ name, marks }) => {
    const rollout = open.get(name);
    const pauses = rollout === undefined ? [] : pausesIn(name, rollout);
    return pauses.map((pause) => ({ ...pause, number: marks.order?.number ?? 0 }));
  });
}

/**
 * Lets ECS go on behind a pause. A hook is answered once: whoever comes second finds it answered, and so does whoever has lost the
 * reply. @throws ThreadsError where it waits all the same
 */
export async function approve(
  { hookId, deployment, service }: Pause,
  { call, tell }: Pick<OrderPorts, "call" | "tell">,
): Promise<void> {
  tell(`letting ${service} go on`);
  const refused = await call<string>({
    doing: `letting ${service} go on`,
    send: async (client, { ContinueServiceDeploymentCommand }, options) => {
      const input = { serviceDeploymentArn: deployment, hookId, action: "CONTINUE" } as const;
      await client.send(new ContinueServiceDeploymentCommand(input), options);
      return "";
    },
    answers: {
      InvalidParameterException: ({ message }) => message,
      ClientException: ({ message }) => message,
      ServiceDeploymentNotFoundException: ({ message }) => message,
    },
  });
  if (refused === "") return;
  // It is answered, has expired, or is over by now: what it comes to is read.
  const [seen] = await readRollouts([deployment], call);
  if (seen === undefined || isOver(seen) || !pausesIn(service, seen).some((one) => one.hookId === hookId)) return;
  throw new ThreadsError("AWS_FAILURE", { message: `ECS does not let ${service} go on: ${refused}` });
}
