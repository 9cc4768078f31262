import { describe, expect, it } from "vitest";
import { only } from "./world.ts";

const onEc2 = { ecs: { launch_type: "EC2" } } as const;

describe("how a container is locked up", () => {
  it("is as the compose file has it", () => {
    const { container, refused } = only({
      init: true,
      read_only: true,
      cap_drop: ["ALL"],
      cap_add: ["CAP_SYS_PTRACE"],
      tmpfs: ["/tmp:size=64m,mode=1777"],
      ulimits: { nofile: { soft: 1024, hard: 4096 } },
    });
    expect(container).toMatchObject({
      readonlyRootFilesystem: true,
      ulimits: [{ name: "nofile", softLimit: 1024, hardLimit: 4096 }],
      linuxParameters: {
        initProcessEnabled: true,
        capabilities: { add: ["SYS_PTRACE"], drop: ["ALL"] },
        tmpfs: [{ containerPath: "/tmp", size: 64, mountOptions: ["mode=1777"] }],
      },
    });
    expect(refused).toEqual([]);
  });

  it("says nothing of what the compose file does not", () => {
    expect(only({ init: false, read_only: false }).container).not.toHaveProperty("linuxParameters");
    expect(only({ init: false, read_only: false }).container).not.toHaveProperty("readonlyRootFilesystem");
  });

  it("gives a tmpfs without size half of the task's memory, which counts as that, and says so", () => {
    const { container, noted } = only({ tmpfs: "/tmp" }, { ecs: { services: { web: { memory: 1024 } } } });
    expect(container.linuxParameters?.tmpfs).toEqual([{ containerPath: "/tmp", size: 512 }]);
    expect(noted).toContain(
      "web gets 512 MiB for /tmp, half of its task's memory: write /tmp:size=… to have more or less",
    );
  });
});

describe("no-new-privileges, which Fargate does not know", () => {
  const security_opt = ["no-new-privileges:true"];

  it("is refused, with the key by which one goes without it", () => {
    expect(only({ security_opt }).refused).toEqual([
      "web has security_opt no-new-privileges:true, which Fargate does not know: go without it by environments.prod.ecs.without: [no-new-privileges], or use launch_type: EC2",
    ]);
  });

  it.each(["no-new-privileges", "no-new-privileges=true"])("is the same as %s", (option) => {
    const lines = [expect.stringMatching(/ecs.without: \[no-new-privileges\]/)];
    expect(only({ security_opt: [option] }).refused).toEqual(lines);
    expect(only({ security_opt: [option] }, onEc2).container.dockerSecurityOptions).toEqual(["no-new-privileges"]);
  });

  it.each(["no-new-privileges:false", "no-new-privileges=false"])("is not asked for by %s", (option) => {
    for (const given of [{}, onEc2]) {
      const { container, refused } = only({ security_opt: [option] }, given);
      expect(refused).toEqual([]);
      expect(container).not.toHaveProperty("dockerSecurityOptions");
    }
  });

  it("is left out where threads.yml goes without it", () => {
    const { container, refused } = only({ security_opt }, { ecs: { without: ["no-new-privileges"] } });
    expect(refused).toEqual([]);
    expect(container).not.toHaveProperty("dockerSecurityOptions");
  });

  it("is there on machines of one's own", () => {
    expect(only({ security_opt }, onEc2).container.dockerSecurityOptions).toEqual(["no-new-privileges"]);
  });

  it("is had there beside apparmor and SELinux, written as ECS writes them, and nothing else", () => {
    const found = only({ security_opt: ["apparmor=mine", "label:disable", "seccomp:unconfined"] }, onEc2);
    expect(found.container.dockerSecurityOptions).toEqual(["apparmor:mine", "label:disable"]);
    expect(found.refused).toEqual(["web has security_opt seccomp:unconfined, which ECS does not know: take it away"]);
  });

  it("is the only option that may be left out", () => {
    const found = only({ security_opt: ["seccomp:unconfined"] }, { ecs: { without: ["no-new-privileges"] } });
    expect(found.refused).toEqual([
      "web has security_opt seccomp:unconfined, which Fargate does not know: take it away",
    ]);
  });
});

describe("what Fargate does not give", () => {
  const greedy = { cap_add: ["NET_ADMIN"], ulimits: { memlock: -1 } };

  it("is refused there", () => {
    expect(only(greedy).refused).toEqual([
      "web adds the capability NET_ADMIN, and Fargate gives none but SYS_PTRACE: take cap_add away",
      "web sets the limit memlock, and on Fargate only nofile can be set: take it away",
    ]);
  });

  it("is had on machines of one's own", () => {
    expect(only(greedy, onEc2)).toMatchObject({
      refused: [],
      container: {
        linuxParameters: { capabilities: { add: ["NET_ADMIN"] } },
        ulimits: [{ name: "memlock", softLimit: -1, hardLimit: -1 }],
      },
    });
  });
});
