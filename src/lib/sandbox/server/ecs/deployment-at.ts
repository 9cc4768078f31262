import { ServiceError } from "../protocol.ts";
import type { EcsParts } from "./parts.ts";
import type { Service, ServiceDeployment } from "./schedule/service.ts";
import { at } from "./state.ts";

/** The service of an ARN that ends in `…/<cluster>/<service>/<id>`, and that id. */
export function below(parts: EcsParts, text: string): { readonly service: Service | undefined; readonly id: string } {
  const [cluster = "", name = "", id = ""] = text.split("/").slice(-3);
  return { service: at(parts.store.state.services, `${cluster}/${name}`), id };
}

/** @throws ServiceError ServiceDeploymentNotFoundException */
export function deploymentAt(
  parts: EcsParts,
  arn: string,
): { readonly service: Service; readonly one: ServiceDeployment } {
  const { service, id } = below(parts, arn);
  const one = service?.history.find((each) => each.id === id);
  if (service === undefined || one === undefined)
    throw new ServiceError(
      "ServiceDeploymentNotFoundException",
      "The service deploy ARN that you specified doesn't exist.",
    );
  return { service, one };
}
