import { createInterface } from "node:readline/promises";
import type { Ask, Question } from "../actions/init/ask.ts";
import type { Paint } from "./paint.ts";

interface AskStreams {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks on a terminal, a line a question; Enter alone takes what stands in brackets, a wrong answer is asked again.
 * @param signal Ctrl-C: the question rejects with its reason
 */
export function askOn({ input, output }: AskStreams, { paint, signal }: { paint: Paint; signal: AbortSignal }): Ask {
  return async (question) => {
    const lines = createInterface({ input, output });
    // Node's own Ctrl-C handling of a readline would swallow the signal.
    lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
    const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
    try {
      for (;;) {
        const typed = await Promise.race([lines.question(textOf(question, paint), { signal }), closed]);
        const answer = typed.trim() === "" ? question.first : typed.trim();
        const fault = faultOf(question, answer);
        if (fault === undefined) return answer;
        output.write(`${paint.warn(`  ${answer}: ${fault}`)}\n`);
      }
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      lines.close();
    }
  };
}

function textOf({ what, first, choices }: Question, paint: Paint): string {
  const among = choices === undefined ? "" : ` (${choices.join(", ")})`;
  return `${what}${among} ${paint.dim(`[${first}]`)} `;
}

function faultOf({ choices, check }: Question, answer: string): string | undefined {
  if (choices !== undefined && !choices.includes(answer)) return `one of ${choices.join(", ")}`;
  return check?.(answer);
}
