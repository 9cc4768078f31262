import { expect, test } from "vitest";
import * as commands from "../../../src/lib/docker/commands.ts";
import { commandText } from "../../../src/lib/process/processes.ts";

const container = {
  name: "c",
  labels: ["a=b", "d"],
  network: "n",
  image: "i:1",
  options: ["--init"],
  env: ["TOKEN"],
  command: ["serve", "x y"],
};

test.each([
  [commands.engineVersion, "docker version --format '{{.Server.Version}}'"],
  [commands.composeVersion, "docker compose version --short"],
  [
    commands.list("container", { labels: ["a", "b=c"] }),
    "docker container ls --all --no-trunc --filter label=a --filter label=b=c --quiet",
  ],
  [
    commands.list("volume", { labels: ["a"], format: "{{.Name}}" }),
    "docker volume ls --filter label=a --format '{{.Name}}'",
  ],
  [commands.remove("container", ["a", "b"]), "docker container rm --force --volumes a b"],
  [commands.remove("network", ["n"]), "docker network rm n"],
  [commands.remove("volume", ["v"]), "docker volume rm --force v"],
  [commands.createNetwork("n", ["a=b"]), "docker network create --label a=b n"],
  [
    commands.runContainer(container),
    "docker run --detach --name c --label a=b --label d --network n --init --env TOKEN i:1 serve 'x y'",
  ],
  [commands.inspectContainers(["a", "b"]), "docker container inspect a b"],
  [commands.execScript("c", "exit 0"), "docker exec --interactive c sh -c 'exit 0'"],
  [commands.stopContainers(["a", "b"], 5), "docker stop --time 5 a b"],
  [commands.execIn("c", ["pg_isready", "-q"]), "docker exec c pg_isready -q"],
  [commands.containerLogs("c", 15), "docker logs --tail 15 c"],
  [commands.containerMemory(["a"]), "docker stats --no-stream --format '{{.Name}}\t{{.MemUsage}}' a"],
  [commands.inspectImages(["a:1", "b:1"]), "docker image inspect a:1 b:1"],
  [commands.listImages(), "docker image ls --format '{{.Repository}}:{{.Tag}}'"],
  [
    commands.buildImage({ tag: "t:1", dockerfile: "/p/Dockerfile", context: "/p" }),
    "docker build --tag t:1 --file /p/Dockerfile /p",
  ],
  [commands.pullImage("r/w@sha256:0"), "docker pull --quiet r/w@sha256:0"],
  [commands.tagImage("a:1", "127.0.0.1:5000/t/a:1"), "docker image tag a:1 127.0.0.1:5000/t/a:1"],
  [commands.pushImage("127.0.0.1:5000/t/a:1"), "docker image push 127.0.0.1:5000/t/a:1"],
  [commands.removeImages(["a", "b"]), "docker image rm a b"],
  [commands.exportedFile("a:1", "index.json"), `sh -c 'docker image save "$1" | tar -xOf - "$2"' sh a:1 index.json`],
  [commands.logIn("AWS", "127.0.0.1:5000"), "docker login --username AWS --password-stdin 127.0.0.1:5000"],
  [commands.currentContext(), "docker context show"],
  [commands.exportContext("remote", "/tmp/x/context.tar"), "docker context export remote /tmp/x/context.tar"],
  [commands.importContext("remote", "/tmp/x/context.tar"), "docker context import remote /tmp/x/context.tar"],
  [commands.useContext("remote"), "docker context use remote"],
])("%#: %o", (command, text) => {
  expect(commandText(command)).toBe(text);
});
