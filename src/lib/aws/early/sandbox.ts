type Variables = Readonly<Record<string, string | undefined>>;

/** Whether AWS is played by this machine, as far as the environment tells: `threads sandbox env` sets it so. */
export function isSandbox(env: Variables): boolean {
  return Object.entries(env).some(([name, url]) => /^AWS_ENDPOINT_URL(?:_|$)/.test(name) && isOnThisMachine(url ?? ""));
}

/** Whether a URL leads nowhere else. */
export function isOnThisMachine(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return (
    hostname === "[::1]" ||
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    /^127\.[\d.]+$/.test(hostname)
  );
}
