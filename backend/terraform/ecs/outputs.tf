output "threads_yml" {
  description = "The environment as threads.yml has it"
  value       = yamlencode({ (var.environment) = { env_from = var.settings_path, ecs = local.ecs } })
}

output "url" {
  value = "${var.certificate_arn == null ? "http" : "https"}://${aws_lb.this.dns_name}"
}
