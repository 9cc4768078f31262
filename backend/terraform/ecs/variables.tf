variable "app" {
  description = "`app` of threads.yml"
  type        = string
  default     = "threads"
}

variable "environment" {
  description = "The environment's name in threads.yml"
  type        = string
  default     = "cloud"
}

variable "vpc_id" {
  type = string
}

variable "subnets" {
  description = "Where tasks run: with a way to ECR, CloudWatch Logs and Parameter Store (NAT, or endpoints of the VPC)"
  type        = list(string)
}

variable "public_subnets" {
  description = "Where the load balancer stands: of two zones at least"
  type        = list(string)
}

variable "public_ip" {
  description = "Whether tasks get public addresses, as subnets without NAT need"
  type        = bool
  default     = false
}

variable "port" {
  description = "Port inside of the container that answers: the one that the compose file publishes"
  type        = number
  default     = 8080
}

variable "health_path" {
  description = "What the load balancer asks each task"
  type        = string
  default     = "/healthz"
}

variable "certificate_arn" {
  description = "Certificate of ACM; without one the load balancer speaks plain HTTP"
  type        = string
  default     = null
}

variable "settings_path" {
  description = "`env_from` of the environment: where the application's settings are in Parameter Store"
  type        = string
  default     = "/threads/cloud/"
}

variable "repositories" {
  description = "Names of the repositories in ECR, * for any text"
  type        = string
  default     = "threads/*"
}
