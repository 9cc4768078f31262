import { describe, expect, it } from "vitest";
import { engineHost, engineSocket } from "../../../src/lib/docker/address.ts";

describe("engineHost", () => {
  it.each([
    [undefined, "127.0.0.1"],
    ["unix:///var/run/docker.sock", "127.0.0.1"],
    ["tcp://docker:2375", "docker"],
    ["ssh://me@build.example:22", "build.example"],
    ["tcp://[::1]:2375", "[::1]"],
  ])("%s → %s", (dockerHost, host) => {
    expect(engineHost({ DOCKER_HOST: dockerHost })).toBe(host);
  });
});

describe("engineSocket", () => {
  it.each([
    [undefined, "/var/run/docker.sock"],
    ["unix:///run/user/1000/docker.sock", "/run/user/1000/docker.sock"],
    ["tcp://10.0.0.1:2375", "/var/run/docker.sock"],
  ])("%s → %s", (dockerHost, socket) => {
    expect(engineSocket({ DOCKER_HOST: dockerHost })).toBe(socket);
  });
});
