/** The scenes in which a recorder is killed, and what a sweep over their calls finds. */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { temporaryDirectory } from '../../src/recorder/temporary-directory.ts'
import type { Role } from './audit.ts'
import { crashedScene, findCalls, pointsOf, tryPoint } from './kill-points.ts'
import type { CallClass, KillPoint } from './kill-points.ts'
import { filledScene, firstStart } from './scene.ts'
import type { Scene } from './scene.ts'

export interface Scenes extends AsyncDisposable {
  readonly all: readonly { readonly scene: Scene; readonly classes: readonly CallClass[] }[]
}

/** By role: a whole life, a first start, and recoveries from crashes in the midst of a commit and of a publication. */
export async function openScenes(role: Role): Promise<Scenes> {
  await using opened = new AsyncDisposableStack()
  const { path } = opened.use(await temporaryDirectory())
  const life = await filledScene(join(path, 'life'), role)
  const first = firstStart(join(path, 'first'), role)
  const classes = await findCalls(life)
  const crashed = await Promise.all(
    [pointIn(classes, 'rows', 'pwrite64'), pointIn(classes, 'evidence', 'rename')].map((point, i) =>
      crashedScene(join(path, `crashed-${i}`), life, point),
    ),
  )
  const all = [{ scene: life, classes }]
  for (const scene of [first, ...crashed]) all.push({ scene, classes: await findCalls(scene) })
  const owned = opened.move()
  return { all, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Two thirds into the life: calls are under way, holds are open. */
function pointIn(classes: readonly CallClass[], side: CallClass['side'], call: string): KillPoint {
  const found = classes.find((one) => one.side === side && one.call === call)
  if (!found) throw new Error(`no ${call} of ${side} was seen`)
  return { ...found, nth: Math.ceil((found.count * 2) / 3) }
}

export interface Trial {
  readonly scene: Scene
  readonly point: KillPoint
}

export function trialsOf({ all }: Scenes): readonly Trial[] {
  return all.flatMap(({ scene, classes }) => pointsOf(classes).map((point) => ({ scene, point })))
}

/** Every trial, as many at once as there are processors; tells of each as it ends. */
export async function tryAll(
  trials: readonly Trial[],
  ended: (trial: Trial, wasKilled: boolean) => void = () => undefined,
): Promise<void> {
  const left = trials.values()
  async function work(): Promise<void> {
    for (const trial of left) ended(trial, await tryPoint(trial.scene, trial.point))
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
}
