import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Agreement } from './agreement.ts'
import { AgreementError } from './agreement-error.ts'
import { requireAgreement, sampleText } from './sample-agreement.ts'
import { requireSuccessor } from './successor.ts'

const units = `
  department: { clause: "2" }
  clinic: { in: department, clause: "2" }
  ward: { in: clinic, clause: "2" }
  intelligence: { in: department, clause: "2" }
  signals: { in: intelligence, clause: "2" }
  antenna: { in: signals, clause: "2" }
  contractor: { clause: "2" }`
const models = `
  large: { provider: meridian, clause: "2" }
  small: { provider: meridian, clause: "2" }
  north: { provider: borealis, clause: "2" }
  polar: { provider: borealis, name: Borealis/Polar-7, clause: "2" }
  shared: { provider: meridian, name: north, clause: "2" }`
const versions = `
  north-1: { model: north, name: Borealis/North-1, digest: "sha256:${'1'.repeat(64)}", clause: "2" }
  north-2: { model: north, clause: "2" }
  large-1: { model: large, clause: "2" }`
const routes = `
  general: { model: large, version: large-1, upstream: rehearsal, price: { input: 3, output: 0.5 }, outputTokensMax: 4096, clause: "2" }`
const exclusions = `
  intelligence-unit: { unit: intelligence, unlockVia: new-agreement, clause: "6" }
  borealis-models: { provider: borealis, unlockVia: new-agreement, clause: "6" }
  contractors: { unit: contractor, unlockVia: amendment, clause: "6" }`

type Lines = Readonly<Record<string, string>>

const firstLines: Lines = { units, models, versions, routes, exclusions }
const first = requireAgreement(sampleText({ lines: firstLines }))

function amended(previous: Agreement, lines: Lines): Agreement {
  const parts = { version: previous.schedule.version + 1, previous: previous.hash, lines }
  return requireAgreement(sampleText(parts))
}

/** The first version's line with each text replaced; each must be there. */
function changed(key: string, ...replacements: readonly (readonly [from: string, to: string])[]): Lines {
  const line = replacements.reduce((text, [from, to]) => {
    assert.ok(text.includes(from), from)
    return text.replace(from, to)
  }, firstLines[key] ?? '')
  return { ...firstLines, [key]: line }
}

const unitLine = 'intelligence-unit: { unit: intelligence, unlockVia: new-agreement, clause: "6" }'
const providerLine = 'borealis-models: { provider: borealis, unlockVia: new-agreement, clause: "6" }'

const loosened: readonly (readonly [what: string, lines: Lines, message: RegExp])[] = [
  ['drops all exclusions', { ...firstLines, exclusions: '{}' }, /excludes unit `intelligence`/],
  ['drops the exclusion of a unit', changed('exclusions', [`  ${unitLine}\n`, '']), /unit `intelligence`/],
  [
    'drops the exclusion of a provider',
    changed('exclusions', [`  ${providerLine}\n`, '']),
    /provider `borealis`/,
  ],
  [
    'lets an amendment end it, so that the next one may',
    changed('exclusions', [unitLine, unitLine.replace('new-agreement', 'amendment')]),
    /until a new agreement/,
  ],
  [
    'keeps the line and excludes another unit by it',
    changed('exclusions', ['unit: intelligence', 'unit: contractor']),
    /unit `intelligence`/,
  ],
  [
    'keeps the line and excludes a smaller unit by it',
    changed('exclusions', ['unit: intelligence', 'unit: signals']),
    /unit `intelligence`/,
  ],
  [
    'excludes a provider by the line of the unit',
    changed('exclusions', ['unit: intelligence', 'provider: meridian']),
    /unit `intelligence`/,
  ],
  [
    'keeps the line and excludes another provider by it',
    changed('exclusions', ['provider: borealis', 'provider: meridian']),
    /provider `borealis`/,
  ],
  [
    'moves a unit out',
    changed('units', ['signals: { in: intelligence', 'signals: { in: department']),
    /`signals` no longer/,
  ],
  [
    'moves a unit out to stand alone',
    changed('units', ['signals: { in: intelligence, ', 'signals: { ']),
    /`signals` no longer/,
  ],
  [
    'moves a unit of the third level out',
    changed('units', ['antenna: { in: signals', 'antenna: { in: clinic']),
    /`antenna` no longer/,
  ],
  [
    'drops a unit, to list it elsewhere later',
    changed('units', ['  antenna: { in: signals, clause: "2" }\n', '']),
    /`antenna` no longer/,
  ],
  ['gives a unit within another id', changed('units', ['antenna:', 'aerial:']), /`antenna` no longer/],
  [
    'gives the excluded unit another id, and its line with it',
    {
      ...changed('units', ['  intelligence:', '  insight:'], ['in: intelligence', 'in: insight']),
      ...{ exclusions: exclusions.replace('unit: intelligence', 'unit: insight') },
    },
    /unit `intelligence`/,
  ],
  [
    'lets the excluded unit stand empty beside its old members',
    changed(
      'units',
      [
        '  intelligence: { in: department, clause: "2" }',
        '  intelligence: { clause: "2" }\n  insight: { in: department, clause: "2" }',
      ],
      ['in: intelligence', 'in: insight'],
    ),
    /`signals` no longer/,
  ],
  [
    'moves a model to another provider',
    changed('models', ['north: { provider: borealis', 'north: { provider: meridian']),
    /`north` is no longer/,
  ],
  [
    'drops a model, to list it elsewhere later',
    {
      ...changed('models', ['  north: { provider: borealis, clause: "2" }\n', '']),
      versions: '{ large-1: { model: large, clause: "2" } }',
    },
    /model `north` is no longer/,
  ],
  [
    'lists a model under another id and provider by the name its upstream knows',
    {
      ...firstLines,
      models: `${models}\n  aurora: { provider: meridian, name: Borealis/Polar-7, clause: "2" }`,
    },
    /`aurora` is `Borealis\/Polar-7`/,
  ],
  [
    'gives a model of another provider the name of an excluded one',
    changed('models', ['large: { provider: meridian', 'large: { provider: meridian, name: north']),
    /`large` is `north`/,
  ],
  [
    'gives an excluded model another name, so that its own is free',
    changed('models', ['Borealis/Polar-7', 'Borealis/Polar-8']),
    /`polar` is no longer/,
  ],
  [
    'moves a model to a new id of the provider',
    {
      ...changed('models', ['north: { provider: borealis', 'north: { provider: boreal']),
      providers: '{ meridian: { clause: "1" }, borealis: { clause: "1" }, boreal: { clause: "1" } }',
    },
    /`north` is no longer/,
  ],
  [
    'moves a version to a model of another provider',
    changed('versions', ['north-2: { model: north', 'north-2: { model: small']),
    /version `north-2` is no longer/,
  ],
  [
    'drops a version, to list it elsewhere later',
    changed('versions', ['  north-2: { model: north, clause: "2" }\n', '']),
    /version `north-2` is no longer/,
  ],
  [
    'gives a version of another provider the name of an excluded version',
    changed('versions', ['large-1: { model: large', 'large-1: { model: large, name: Borealis/North-1']),
    /version `large-1` is `Borealis\/North-1`/,
  ],
  [
    'gives a model of another provider the name of an excluded version',
    changed('models', ['small: { provider: meridian', 'small: { provider: meridian, name: Borealis/North-1']),
    /model `small` is `Borealis\/North-1`/,
  ],
  [
    'gives a version of another provider the name of an excluded model',
    changed('versions', ['large-1: { model: large', 'large-1: { model: large, name: Borealis/Polar-7']),
    /version `large-1` is `Borealis\/Polar-7`/,
  ],
  [
    'gives a version of another provider the digest of an excluded one',
    changed('versions', [
      'large-1: { model: large',
      `large-1: { model: large, digest: "sha256:${'1'.repeat(64)}"`,
    ]),
    /version `large-1` is `sha256:1/,
  ],
  [
    'takes the digest of an excluded version away',
    changed('versions', [`digest: "sha256:${'1'.repeat(64)}", `, '']),
    /version `north-1` is no longer/,
  ],
]

for (const [what, lines, message] of loosened) {
  test(`requireSuccessor refuses an amendment that ${what}`, () => {
    const second = amended(first, lines)
    assert.throws(
      () => requireSuccessor(first, second),
      (error) => {
        assert.ok(error instanceof AgreementError)
        assert.equal(error.code, 'SUCCESSOR_EXCLUSION')
        assert.match(error.message, message)
        return true
      },
    )
  })
}

const accepted: readonly (readonly [what: string, lines: Lines])[] = [
  ['changes nothing', firstLines],
  [
    'removes an exclusion that an amendment ends',
    { ...firstLines, exclusions: `\n  ${unitLine}\n  ${providerLine}` },
  ],
  [
    'makes an exclusion harder to end',
    changed('exclusions', ['unlockVia: amendment', 'unlockVia: new-agreement']),
  ],
  ['renames the line', changed('exclusions', ['intelligence-unit:', 'services:'])],
  ['moves the line to another clause', changed('exclusions', [unitLine, unitLine.replace('"6"', '"4.1"')])],
  [
    'excludes a wider unit as well',
    {
      ...firstLines,
      exclusions: `${exclusions}\n  all: { unit: department, unlockVia: amendment, clause: "6" }`,
    },
  ],
  ['adds a unit within', { ...firstLines, units: `${units}\n  mast: { in: antenna, clause: "2" }` }],
  ['moves a unit in', changed('units', ['ward: { in: clinic', 'ward: { in: signals'])],
  [
    'moves a unit to another place within',
    changed('units', ['antenna: { in: signals', 'antenna: { in: intelligence']),
  ],
  [
    'moves the excluded unit with all its members',
    changed('units', ['intelligence: { in: department', 'intelligence: { in: clinic']),
  ],
  ['drops a unit that is not excluded', changed('units', ['ward: { in: clinic', 'annex: { in: clinic'])],
  [
    'drops a model that is not excluded',
    changed('models', ['\n  shared: { provider: meridian, name: north, clause: "2" }', '']),
  ],
  [
    'drops a version that is not excluded, and adds one that is',
    {
      ...changed('versions', ['large-1: { model: large', 'north-3: { model: north']),
      routes: routes.replace('version: large-1, ', ''),
    },
  ],
  [
    'pins an excluded version by its digest',
    changed('versions', [
      'north-2: { model: north',
      `north-2: { model: north, digest: "sha256:${'2'.repeat(64)}"`,
    ]),
  ],
]

for (const [what, lines] of accepted) {
  test(`requireSuccessor accepts an amendment that ${what}`, () =>
    requireSuccessor(first, amended(first, lines)))
}

test('requireSuccessor holds from the version on that made an exclusion hard to end', () => {
  const second = amended(first, changed('exclusions', ['unlockVia: amendment', 'unlockVia: new-agreement']))
  requireSuccessor(first, second)
  const third = amended(second, firstLines)
  assert.throws(() => requireSuccessor(second, third), { code: 'SUCCESSOR_EXCLUSION' })
})
