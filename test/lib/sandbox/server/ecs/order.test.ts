import { describe, expect, test } from "vitest";
import { type ContainerState, mayStart, stopOrder } from "../../../../../src/lib/sandbox/server/ecs/run/order.ts";
import { watch } from "../../../../../src/lib/sandbox/server/ecs/run/watch.ts";

// In which order containers of a task begin and end (API reference, ContainerDependency).

const waits = (condition: string) => ({ name: "web", dependsOn: [{ containerName: "db", condition }] });
const db = (state: Partial<ContainerState>): ContainerState => ({ name: "db", status: "running", ...state });

test.each<readonly [string, Partial<ContainerState>, string]>([
  ["START", { status: "created" }, "not-yet"],
  ["START", {}, "yes"],
  ["COMPLETE", {}, "not-yet"],
  ["COMPLETE", { status: "exited", exitCode: 1 }, "yes"],
  ["SUCCESS", { status: "exited", exitCode: 0 }, "yes"],
  ["SUCCESS", { status: "exited", exitCode: 1 }, "never"],
  ["HEALTHY", {}, "not-yet"],
  ["HEALTHY", { health: "starting" }, "not-yet"],
  ["HEALTHY", { health: "healthy" }, "yes"],
  ["HEALTHY", { status: "exited", exitCode: 0 }, "never"],
])("%s of a container that is %o: %s", (condition, state, verdict) => {
  expect(mayStart(waits(condition), [db(state)])).toBe(verdict);
});

test("what others wait for ends after them", () => {
  const of = (name: string, ...names: readonly string[]) => ({
    name,
    dependsOn: names.map((containerName) => ({ containerName, condition: "START" })),
  });
  expect(stopOrder([of("db"), of("web", "db"), of("proxy", "web"), of("logs")])).toEqual([
    ["proxy", "logs"],
    ["web"],
    ["db"],
  ]);
});

describe("a task ends", () => {
  const web: ContainerState = { name: "web", status: "running" };
  test("with its first essential container, and not with another", () => {
    const containers = [{ name: "db", essential: false }, { name: "web" }];
    expect(watch(containers, [db({ status: "exited", exitCode: 0 }), web], true)).toEqual({ start: [], isUp: true });
    const ended = watch(containers, [db({}), { ...web, status: "exited", exitCode: 0 }], true);
    expect(ended.stop).toEqual({ code: "EssentialContainerExited", reason: "Essential container in task exited" });
  });

  test("where one can no longer begin", () => {
    const containers = [{ name: "db", essential: false }, waits("SUCCESS")];
    const states: readonly ContainerState[] = [
      db({ status: "exited", exitCode: 1 }),
      { name: "web", status: "created" },
    ];
    expect(watch(containers, states, false).stop?.code).toBe("TaskFailedToStart");
  });
});
