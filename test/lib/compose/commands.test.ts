import { describe, expect, it } from "vitest";
import * as words from "../../../src/lib/compose/commands.ts";
import { commandText } from "../../../src/lib/process/processes.ts";

const project = {
  name: "app-smoke-0a1b2c3d",
  files: ["/r/a.yml", "/t/override.yml"],
  envFiles: ["/t/app.env", "/t/compose.env"],
};
const front =
  "docker compose --ansi never --progress plain -p app-smoke-0a1b2c3d -f /r/a.yml -f /t/override.yml --env-file /t/app.env --env-file /t/compose.env";

describe("compose command lines", () => {
  it.each([
    ["build", words.composeBuild(project, ["web", "nginx"]), `${front} build web nginx`],
    ["up", words.composeUp(project), `${front} up -d --no-build --pull missing --quiet-pull --remove-orphans`],
    [
      "up some",
      words.composeUp(project, ["db"]),
      `${front} up -d --no-build --pull missing --quiet-pull --remove-orphans db`,
    ],
    ["run", words.composeRun(project, "web-test"), `${front} run --rm -T --no-deps web-test`],
    [
      "run, with a command",
      words.composeRun(project, "web", { command: ["pytest", "-q"] }),
      `${front} run --rm -T --no-deps web pytest -q`,
    ],
    ["down", words.composeDown(project), `${front} down -v --remove-orphans -t 2`],
    ["config", words.composeConfig(project), `${front} config --format json`],
    ["all logs", words.composeLogs("p", 9), "docker compose --ansi never -p p logs --no-color --tail 9"],
    ["clean up", words.cleanUp("p"), "docker compose -p p down -v --remove-orphans -t 2"],
  ])("%s", (_name, command, text) => {
    expect(commandText(command)).toBe(text);
  });

  it("never trusts --wait", () => {
    expect(words.composeUp(project).args).not.toContain("--wait");
  });

  it("passes each word as one argument, whatever is in it", () => {
    expect(words.composeBuild({ name: "p", files: ["/a b/c.yml"], envFiles: [] }, []).args).toContain("/a b/c.yml");
  });
});

describe("what a project has made", () => {
  const label = "label=com.docker.compose.project";
  const own = "label=com.docker.compose.config-hash";
  it.each([
    [
      words.listOf("container", "p"),
      `docker container ls --all --no-trunc --filter ${label}=p --filter ${own} --quiet`,
    ],
    [words.listOf("network", "p"), `docker network ls --filter ${label}=p --quiet`],
    [words.listOf("volume", "p"), `docker volume ls --filter ${label}=p --quiet`],
  ])("%o", (command, text) => {
    expect(commandText(command)).toBe(text);
  });

  it("asks for the events that change a verdict, and not for the flood of health check execs", () => {
    expect(words.containerEvents("p").args).toEqual([
      "events",
      "--filter",
      "type=container",
      "--filter",
      `${label}=p`,
      "--filter",
      own,
      ...["start", "die", "oom", "health_status"].flatMap((event) => ["--filter", `event=${event}`]),
      "--format",
      "{{json .}}",
    ]);
  });

  it("lists whose stacks there are, one JSON array a line", () => {
    expect(words.listLabelled("container").args).toEqual(expect.arrayContaining([own]));
    expect(words.listLabelled("network").args).toEqual([
      "network",
      "ls",
      "--filter",
      label,
      "--format",
      '[{{json (.Label "com.docker.compose.project")}},{{json (.Label "threads.owner")}},{{json (.Label "threads.started")}},{{json (.Label "threads.smoke")}},{{json (.Label "threads.test")}},{{json (.Label "threads.keep")}}]',
    ]);
  });
});
