import type { SandboxState } from "./state.ts";

/** What clients of the sandbox are made with, by its own key: the ambient credentials may be those of a real account. */
export function ownClient({ region, port, accessKeyId, secretAccessKey }: SandboxState) {
  return {
    region,
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 5,
  };
}
