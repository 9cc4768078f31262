/** Variable that names a service's image in compose files: `celery-beat` → `CELERY_BEAT_IMAGE`. */
export function imageVariable(service: string): string {
  return `${service.toUpperCase().replaceAll("-", "_")}_IMAGE`;
}
