/** `npm run soak:crash`: kills a recorder at every call that writes or syncs, and cuts its power after each; counts. */
import { hasStrace, tryPoint } from './kill-points.ts'
import { trace, tryCuts } from './power-cuts.ts'
import { openScenes, trialsOf, tryAll } from './scenes.ts'

if (!hasStrace) throw new Error('strace is not here: install it first')

const asked = process.argv.slice(2)

for (const role of ['agency', 'gate'] as const) {
  if (asked.length > 0 && !asked.includes(role)) continue
  await using scenes = await openScenes(role)
  const trials = trialsOf(scenes)
  const rows = new Map<string, { calls: number; killed: number }>()
  const start = performance.now()
  let ended = 0
  await tryAll(trials, ({ scene, point }, wasKilled) => {
    const key = `${scene.name}: ${point.call} of ${point.side}`
    const { calls, killed } = rows.get(key) ?? { calls: 0, killed: 0 }
    rows.set(key, { calls: calls + 1, killed: killed + Number(wasKilled) })
    if (++ended % 100 === 0) process.stderr.write(`${role}: ${ended} of ${trials.length}\n`)
  })
  // Two runs are never quite alike: whatever comes after the last call that was seen is killed too.
  for (const { scene, classes } of scenes.all) {
    for (const one of classes) {
      let nth = one.count + 1
      while (await tryPoint(scene, { ...one, nth })) nth++
      if (nth > one.count + 1)
        process.stdout.write(`${scene.name}: ${one.call} of ${one.side}: ${nth - 1} calls\n`)
    }
  }
  for (const [name, { calls, killed }] of rows)
    process.stdout.write(`${name}: ${calls} calls, killed at ${killed}\n`)
  const seconds = Math.round((performance.now() - start) / 1000)
  process.stdout.write(`${role}: ${trials.length} runs in ${seconds} s, all audited twice, nothing lost\n`)

  for (const { scene } of scenes.all) {
    const traced = await trace(scene)
    // Of what was not synced nothing, and each change by chance.
    const keeps = [() => false, () => Math.random() < 0.5]
    const cuts = traced.events.flatMap((_, i) => keeps.map((kept) => ({ after: i + 1, kept })))
    await tryCuts(traced, cuts)
    process.stdout.write(`${scene.name}: ${cuts.length} power cuts after ${traced.events.length} changes\n`)
  }
}
