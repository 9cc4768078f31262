import { followLog } from "./follow-log.ts";
import { shownEnvironments } from "./environments.ts";
import type { ShowPorts } from "./ports.ts";
import type { BoardResult, BoardShown } from "./result.ts";
import { viewersOf } from "./viewers.ts";
import { watchBoard } from "./watch.ts";

export interface BoardOptions {
  /** All where undefined. */
  readonly environment: string | undefined;
  /** A free one where undefined. */
  readonly port: number | undefined;
}

/**
 * Shows the board as a page of this machine until Ctrl-C. While no page is in sight nothing is asked.
 * @throws ThreadsError PORT_TAKEN (refused), UNKNOWN_ENVIRONMENT (usage), ENVIRONMENT_WITHOUT_HOSTS (refused)
 */
export async function showBoard({ environment, port }: BoardOptions, ports: ShowPorts): Promise<BoardShown> {
  const { draw, signal } = ports;
  const names = shownEnvironments(environment, ports.config);
  const viewers = viewersOf();
  const broken = Promise.withResolvers<never>();
  let last: BoardResult | undefined;
  const server = await ports.serve(port, (visit) => {
    const { path, words } = visit;
    if (path === "") visit.answer("html", draw.page(last));
    else if (path === "board.js") visit.answer("javascript", draw.script());
    else if (path === "looks") {
      const tell = visit.stream();
      if (last !== undefined) tell("board", draw.board(last));
      viewers.add((board) => tell("board", draw.board(board)), visit.gone);
    } else if (path === "log") followLog(words.get("environment") ?? "", visit, ports).catch(broken.reject);
    else visit.refuse();
  });
  try {
    await ports.show(server.url);
    const tell = (board: BoardResult): void => viewers.tell((last = board));
    const eyes = { present: (stop: AbortSignal) => viewers.present(stop), tell };
    return await Promise.race([watchBoard(names, eyes, ports), broken.promise, server.broken]);
  } catch (error) {
    if (!signal.aborted) throw error;
    return { outcome: "closed", url: server.url, next: [], advice: [] };
  } finally {
    await server.close();
  }
}
