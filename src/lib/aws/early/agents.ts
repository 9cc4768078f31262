import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { EarlySockets } from "./sockets.ts";

/** What the SDK's own agents are made with. */
const settings = { keepAlive: true, maxSockets: 50 };

type Connect = Parameters<HttpAgent["createConnection"]>;

/** Node's agents, which take a connection that waits before they open one. */
export function agentsTaking(early: EarlySockets): { readonly httpAgent: HttpAgent; readonly httpsAgent: HttpsAgent } {
  const take = ([{ host, port }]: Connect, secure: boolean): ReturnType<EarlySockets["take"]> =>
    early.take({ host: host ?? "", port: Number(port), secure });
  class PlainAgent extends HttpAgent {
    override createConnection(...wanted: Connect): ReturnType<HttpAgent["createConnection"]> {
      return take(wanted, false) ?? super.createConnection(...wanted);
    }
  }
  class SecureAgent extends HttpsAgent {
    override createConnection(...wanted: Connect): ReturnType<HttpAgent["createConnection"]> {
      return take(wanted, true) ?? super.createConnection(...wanted);
    }
  }
  return { httpAgent: new PlainAgent(settings), httpsAgent: new SecureAgent(settings) };
}
