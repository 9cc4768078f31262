// What is used of ECR's SDK: the bundle carries this and no more.
export {
  BatchCheckLayerAvailabilityCommand,
  BatchGetImageCommand,
  CompleteLayerUploadCommand,
  CreateRepositoryCommand,
  DescribeImageScanFindingsCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  GetDownloadUrlForLayerCommand,
  GetLifecyclePolicyCommand,
  InitiateLayerUploadCommand,
  PutImageCommand,
  RepositoryAlreadyExistsException,
  UploadLayerPartCommand,
} from "@aws-sdk/client-ecr";
