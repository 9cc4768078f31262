import type { Permission } from "./document.ts";
import { arnsOf, type IamSubject } from "./subject.ts";

/** The login that `docker` needs; the action knows no resources (service authorization reference, ECR). */
const login = (why: string): Permission => ({
  sid: "RegistryLogin",
  actions: { "ecr:GetAuthorizationToken": why },
  resources: ["*"],
});

function onImages(subject: IamSubject, sid: string, actions: Permission["actions"]): Permission {
  const { repository } = arnsOf(subject);
  return { sid, actions, resources: subject.repositories.map(repository) };
}

/** Uploads and tags. ECR cannot tell one tag from another: that this is no promotion is why deploy wants a record. */
export function pushImages(subject: IamSubject): readonly Permission[] {
  return [
    login("docker push logs in"),
    onImages(subject, "Push", {
      "ecr:BatchGetImage": "sees what is published already, and reads back what it has tagged",
      "ecr:BatchCheckLayerAvailability": "uploads only the layers that are missing",
      "ecr:InitiateLayerUpload": "uploads layers",
      "ecr:UploadLayerPart": "uploads layers",
      "ecr:CompleteLayerUpload": "uploads layers",
      "ecr:PutImage": "puts manifests under the tag of the revision",
      "ecr:GetDownloadUrlForLayer":
        "pulls what another machine has begun, to smoke it (--adopt), and reads signatures (--sign)",
    }),
  ];
}

/** Gives tags to what is there: without the actions that upload layers, nothing new can be brought in. */
export function retagImages(subject: IamSubject, { hasScanGate }: { readonly hasScanGate: boolean }): Permission {
  return onImages(subject, "Retag", {
    "ecr:BatchGetImage": "reads the release, and reads back what it has tagged",
    "ecr:PutImage": "puts the same manifest under the environment's tag",
    "ecr:GetLifecyclePolicy": "warns of rules that would take the images away",
    "ecr:DescribeImages": "tells which images those rules would take",
    ...(hasScanGate && { "ecr:DescribeImageScanFindings": "judges the gate scan" }),
  });
}

/** What `docker pull` needs beyond the manifests. */
export function pullLayers(subject: IamSubject, why: string): readonly Permission[] {
  return [
    login(`${why}: docker pull logs in`),
    onImages(subject, "Pull", { "ecr:GetDownloadUrlForLayer": `${why}: layers` }),
  ];
}

/** Blobs as they lie there, without docker and its login. */
export function fetchLayers(subject: IamSubject, why: string): Permission {
  return onImages(subject, "FetchLayers", { "ecr:GetDownloadUrlForLayer": why });
}

/** A release by its bundle, without a byte of its layers. */
export function readReleases(subject: IamSubject, { hasScanGate = false } = {}): Permission {
  return onImages(subject, "ReadReleases", {
    "ecr:BatchGetImage": "finds the release, and what it pins",
    ...(hasScanGate && { "ecr:DescribeImageScanFindings": "judges the gate scan" }),
  });
}

/** What doctor looks at. */
export function lookAtRepositories(subject: IamSubject): Permission {
  return onImages(subject, "LookAtRepositories", {
    "ecr:BatchGetImage": "finds releases, and what they pin",
    "ecr:DescribeRepositories": "tells whether tags can be moved, and pushes are scanned",
    "ecr:GetLifecyclePolicy": "tells which rules take images away",
    "ecr:DescribeImages": "tells which images those rules would take",
    ...(subject.environments.some(({ hasScanGate }) => hasScanGate) && {
      "ecr:DescribeImageScanFindings": "judges the gate scan",
    }),
  });
}
