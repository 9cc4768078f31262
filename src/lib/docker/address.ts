type Variables = Readonly<Record<string, string | undefined>>;

/** Host on which published ports answer: the engine's, which DOCKER_HOST may put on another machine. */
export function engineHost(env: Variables): string {
  const match = /^(?:tcp|ssh|https?):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/.exec(env["DOCKER_HOST"] ?? "");
  return match?.[1] ?? "127.0.0.1";
}

/** Path of the engine's socket as the engine's own machine knows it; Docker Desktop and a plain engine have it at the same place. */
export function engineSocket(env: Variables): string {
  return /^unix:\/\/(\/.+)$/.exec(env["DOCKER_HOST"] ?? "")?.[1] ?? "/var/run/docker.sock";
}
