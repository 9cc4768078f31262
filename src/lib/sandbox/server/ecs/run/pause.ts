import { labelsOf, pauseName, type Place } from "./container-body.ts";
import { said, type TaskEngine } from "./engine.ts";

/** An image of nothing: its one process is the host's own `sleep`, which is mounted. */
const pauseImage = "threads-ecs-pause:1";
const network = "threads-ecs";
const makePause =
  'd=$(mktemp -d) && ln -s usr/lib "$d/lib" && ln -s usr/lib64 "$d/lib64" && mkdir "$d/usr" && tar -C "$d" -c . | docker import - ' +
  `${pauseImage} && rm -r "$d"`;

/** What a load balancer is to reach is published, on whatever port of the machine is free. */
function publishedBy({ task: { targets = [] } }: Place): object {
  const ports = targets.map(({ port }) => `${port}/tcp`);
  return {
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    HostConfig: {
      NetworkMode: network,
      Binds: ["/usr:/usr:ro"],
      PortBindings: Object.fromEntries(ports.map((port) => [port, [{ HostPort: "" }]])),
    },
  };
}

/** Starts the container that holds a task's network, and does nothing. @throws Error in docker's words */
export async function pause(place: Place, engine: TaskEngine): Promise<void> {
  const image = await engine.api("GET", `/images/${pauseImage}/json`);
  if (image.status === 404) {
    const { exitCode, stderr } = await engine.shell(makePause);
    if (exitCode !== 0) throw new Error(`CannotCreateContainerError: ${stderr}`);
  }
  // Names are looked up on a network of one's own only.
  if ((await engine.api("GET", `/networks/${network}`)).status === 404)
    await engine.api("POST", "/networks/create", { Name: network, CheckDuplicate: true });
  const made = await engine.api("POST", `/containers/create?name=${pauseName(place)}`, {
    Image: pauseImage,
    Cmd: ["/usr/bin/sleep", "infinity"],
    Labels: labelsOf(place, "internal-ecs-pause"),
    StopTimeout: 0,
    ...publishedBy(place),
  });
  const started = await engine.api("POST", `/containers/${pauseName(place)}/start`);
  const refused = [made, started].find(({ status }) => status >= 400);
  if (refused !== undefined)
    throw new Error(`CannotCreateContainerError: Error response from daemon: ${said(refused.body)}`);
}
