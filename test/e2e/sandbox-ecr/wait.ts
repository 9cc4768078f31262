import { setTimeout as sleep } from "node:timers/promises";

/** Waits until the address answers 200. @throws Error after `seconds`. */
export async function waitForHttp(url: string, seconds = 30): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const status = await fetch(url).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    if (Date.now() > deadline) throw new Error(`${url} does not answer (last status ${status})`);
    await sleep(100);
  }
}
