# What an environment on ECS stands on, in a VPC that is there: cluster, load balancer, log group, roles. Its task definitions and
# services are the release's own, and `threads` makes them. Copy this folder, and give it what variables.tf asks for:
#
#   terraform apply -var vpc_id=vpc-… -var 'subnets=["subnet-…"]' -var 'public_subnets=["subnet-…", "subnet-…"]'
#   terraform output -raw threads_yml        # belongs into threads.yml, below environments

locals {
  name = "${var.app}-${var.environment}"

  ecs = {
    cluster         = aws_ecs_cluster.this.name
    subnets         = var.subnets
    security_groups = [aws_security_group.tasks.id]
    public_ip       = var.public_ip
    execution_role  = aws_iam_role.execution.arn
    task_role       = aws_iam_role.task.arn
    log_group       = aws_cloudwatch_log_group.this.name
    # Fargate has nothing for it.
    without = ["no-new-privileges"]
    services = {
      web = {
        containers   = ["web", "nginx"]
        cpu          = 512
        memory       = 1024
        target_group = aws_lb_target_group.web.arn
        port         = var.port
        grace        = 60
      }
    }
  }
}

resource "aws_ecs_cluster" "this" {
  name = local.name
}

# Without it no task starts: the execution role below may not make one.
resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.app}/${var.environment}"
  retention_in_days = 30
}
