import type { Process } from "./world.ts";

/** What `docker pull` asks for: a login, each manifest by its digest, and the blobs that it names. */
export async function pull({ ports }: Process, references: readonly string[]): Promise<void> {
  const { username, password } = await ports.registry.login();
  const authorization = `Basic ${Buffer.from(`${username}:${password.reveal()}`).toString("base64")}`;
  const get = async (url: string): Promise<string> => {
    const answer = await fetch(url, { headers: { authorization } });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
    return text;
  };
  for (const reference of references) {
    const [, host = "", repository = "", digest = ""] = /^([^/]+)\/(.+)@(.+)$/.exec(reference) ?? [];
    const base = `http://${host}/v2/${repository}`;
    const { config } = JSON.parse(await get(`${base}/manifests/${digest}`)) as { config?: { digest: string } };
    if (config !== undefined) await get(`${base}/blobs/${config.digest}`);
  }
}
