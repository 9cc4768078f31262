import type { BoardPorts, DrawBoard } from "../actions/board/ports.ts";
import type { BoardShown } from "../actions/board/result.ts";
import type { BoardOptions } from "../actions/board/show.ts";
import type { Terminal } from "../output/terminal.ts";
import type { World } from "../wire/world.ts";
import type { AddressFile } from "./address-file.ts";

interface Wanted extends BoardOptions {
  /** In a browser, too. */
  readonly isOpened: boolean;
  readonly terminal: Pick<Terminal, "out" | "live">;
  /** A result, with its commands as this person can type them. */
  readonly typed: <T>(result: T) => T;
}

/** Shows the board as a page until Ctrl-C. Its address is what is written to stdout. */
export async function boardPage(wanted: Wanted, ports: BoardPorts, world: World): Promise<BoardShown> {
  const { isOpened, terminal, typed, ...options } = wanted;
  const [{ showBoard }, { openBoardPage }, { drawBoard }] = await Promise.all([
    import("../actions/board/show.ts"),
    import("../wire/board.ts"),
    import("../output/page/board-page.ts"),
  ]);
  const note = (text: string): void => world.progress.note(text);
  let file: AddressFile | undefined;
  const show = async (url: string): Promise<void> => {
    terminal.out.write(`${url}\n`);
    note("The address has a key, and is for browsers of this machine; Ctrl-C ends it");
    if (!isOpened || !terminal.live) return;
    try {
      file = await leadingTo(url, world);
    } catch (error) {
      return note(`no browser was started: ${(error as Error).message}; open the address`);
    }
    const { openBrowser } = await import("../wire/browser.ts");
    const browse = await openBrowser(world);
    if (!(await browse(file.href))) note("no browser could be started on this machine: open the address");
  };
  const draw = drawTyped(drawBoard(ports.config.app), typed);
  try {
    return await showBoard(options, { ...ports, ...(await openBoardPage(world)), draw, show });
  } finally {
    file?.remove();
  }
}

async function leadingTo(url: string, { config, env }: Pick<World, "config" | "env">): Promise<AddressFile> {
  const [{ addressFile }, { runsFolder }, { root }] = await Promise.all([
    import("./address-file.ts"),
    import("../runs/folder.ts"),
    config(),
  ]);
  return addressFile(runsFolder(root, env), url);
}

function drawTyped(draw: DrawBoard, typed: Wanted["typed"]): DrawBoard {
  return {
    ...draw,
    page: (board) => draw.page(board === undefined ? undefined : typed(board)),
    board: (board) => draw.board(typed(board)),
  };
}
