/** Kills a recorder at calls that write or sync, spread over all there are; `npm run soak:crash` takes every one. */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import type { Role } from './audit.ts'
import { hasStrace } from './kill-points.ts'
import { openScenes, trialsOf, tryAll } from './scenes.ts'

const trialsMax: Readonly<Record<Role, number>> = { agency: 28, gate: 20 }

/** Where the first of them lies, and the others at even distances; `SEED=… node --test` with this file repeats a run. */
const seed = process.env['SEED'] === undefined ? randomInt(2 ** 32) : Number(process.env['SEED'])

for (const role of ['agency', 'gate'] as const) {
  test(
    `a recorder in the role ${role} that is killed at any write or sync loses nothing and does nothing twice`,
    { skip: hasStrace ? false : 'SKIPPED, NOT CHECKED: strace is not here' },
    async (t) => {
      await using scenes = await openScenes(role)
      const all = trialsOf(scenes)
      const distance = Math.floor(all.length / trialsMax[role])
      const chosen = all.filter((_, i) => i % distance === seed % distance).slice(0, trialsMax[role])
      t.diagnostic(`${chosen.length} of ${all.length} calls, SEED=${seed}`)
      let killed = 0
      await tryAll(chosen, (_, wasKilled) => (killed += Number(wasKilled)))
      assert.ok(killed > chosen.length * 0.8, `${killed} of ${chosen.length} came to where they are killed`)
    },
  )
}
