type Variables = Readonly<Record<string, string | undefined>>;

/**
 * What compose must not inherit, and what it must be told; merged over the CLI's own environment, `undefined` removes.
 * Variables of the shell win over `--env-file` (docs.docker.com, "environment variables precedence"), so a stray
 * WEB_IMAGE would decide what is tested: every key that our files define is removed, and COMPOSE_* altogether.
 * @param own the CLI's environment
 * @param keys names that the environment files define
 */
export function composeEnvironment(own: Variables, keys: Iterable<string>): Record<string, string | undefined> {
  const inherited = Object.keys(own).filter((name) => name.startsWith("COMPOSE_") || name === "DOCKER_BUILDKIT");
  return {
    ...Object.fromEntries([...inherited, ...keys].map((name) => [name, undefined])),
    // Only what a compose file asks for: an attestation turns an image into an index, and tells another time with every build.
    BUILDX_NO_DEFAULT_ATTESTATIONS: "1",
    // For them it would run git some seven times a service; what an image is made from its labels say.
    BUILDX_GIT_INFO: "false",
    DOCKER_CLI_HINTS: "false",
  };
}
