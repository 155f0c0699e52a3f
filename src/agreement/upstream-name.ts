/** What an upstream calls a model. */
import type { Model, ModelVersion } from './schedule.ts'

/** The name of the version where a route names one that has its own, else the model's, else the model's id. */
export function upstreamName(
  { id, name }: Pick<Model, 'id' | 'name'>,
  version?: Pick<ModelVersion, 'name'>,
): string {
  return version?.name ?? name ?? id
}
