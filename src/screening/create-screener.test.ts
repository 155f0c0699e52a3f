import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { screeningFailed } from '../agreement/schedule.ts'
import { isErrorCode } from '../base/index.ts'
import { assembleScreener, createScreener } from './create-screener.ts'
import type { ScreenerLimits } from './create-screener.ts'
import { pushUnitsMax } from './detector.ts'
import type { Detector, Part } from './detector.ts'
import { createFakeTimer } from './fake-timer.ts'
import { createPatternDetector } from './pattern-detector.ts'
import { near, phrases } from './pattern.ts'
import { judgeTexts } from './judge-texts.ts'
import type { TextsJudgement } from './judge-texts.ts'
import type { ScreeningThread, ThreadTask } from './thread-pool.ts'

const herons = createPatternDetector([
  { signal: 'nest', patterns: [near(30, 'heron', 'nest'), phrases('egg')] },
])

const user = (text: string, index = 0): Part => ({ kind: 'user', place: `messages[${index}].content`, text })

/** Counts how often a detector is asked, and can be made to throw. */
function counted(detector: Detector, options: { fails?: boolean } = {}) {
  const state = { opened: 0, ...options }
  const counting: Detector = {
    ...detector,
    open() {
      state.opened++
      if (state.fails) throw new Error('broken')
      return detector.open()
    },
  }
  return { detector: counting, state }
}

/** Threads that answer, break or go silent when the test says so. */
function fakeThreads(detectors: readonly Detector[]) {
  const tasks: { task: ThreadTask; answer: () => void; break: () => void; ended: boolean }[] = []
  let opened = 0
  let ended = 0
  const openThread = (): ScreeningThread => {
    opened++
    let current = -1
    return {
      judge(task) {
        const { promise, resolve, reject } = Promise.withResolvers<TextsJudgement>()
        current = tasks.length
        tasks.push({
          task,
          answer: () => resolve(judgeTexts(detectors, task)),
          break: () => reject(new Error('broken')),
          ended: false,
        })
        return promise
      },
      terminate() {
        ended++
        const task = tasks[current]
        if (task) task.ended = true
      },
    }
  }
  return { openThread, tasks, counts: () => ({ opened, ended }) }
}

function assemble(detectors: readonly Detector[], limits: Partial<ScreenerLimits> = {}) {
  const timer = createFakeTimer()
  const threads = fakeThreads(detectors)
  const screener = assembleScreener({
    detectors,
    openThread: threads.openThread,
    timer,
    limits: {
      unitsAtOnceMax: 100,
      deadlineMs: 50,
      threadsMax: 1,
      waitingMax: 1,
      rememberedUnitsMin: 4,
      ...limits,
    },
  })
  return { screener, timer, ...threads }
}

const large = `heron nest ${'lorem '.repeat(30)}`
const name = `patterns@${herons.version}`

describe('screen', () => {
  test('finds in each part, with its place', async () => {
    const { findings, detectors } = await assemble([herons]).screener.screen([user('x'), user('an egg', 1)])
    assert.deepEqual(findings, [
      {
        ...{ signal: 'nest', score: 1, view: 'normalised', detector: name },
        ...{ start: 3, end: 6, place: 'messages[1].content' },
      },
    ])
    assert.deepEqual(detectors, [{ detector: name, outcome: 'ran' }])
  })

  test('finds what is split over parts, in the exchange and there only once', async () => {
    const { findings } = await assemble([herons]).screener.screen([user('a heron'), user('nest; an egg', 1)])
    assert.deepEqual(
      findings.map(({ place, start, end }) => [place, start, end]),
      [
        ['messages[1].content', 9, 12],
        ['exchange', 2, 12],
      ],
    )
  })

  const seams: readonly (readonly [string, readonly string[], readonly (readonly [number, number])[]])[] = [
    ['inside a word', ['the her', 'on ne', 'st'], [[4, 16]]],
    ['inside a word, with nothing between', ['her', '', '', 'on ne', 'st'], [[0, 14]]],
    ['inside a surrogate pair', ['heron \ud835', '\udc27est'], [[0, 12]]],
    ['inside a word and between words at once', ['heron, ne', 'st'], [[0, 12]]],
    ['between words', ['heron', 'nest'], [[0, 10]]],
    ['between words, with blanks', ['heron ', ' nest'], [[0, 12]]],
    ['after a punctuation mark', ['heron.', 'nest'], [[0, 11]]],
    ['nowhere that matters', ['x', 'heron nest', 'y'], []],
    ['so that words grow together', ['her', 'onnest'], []],
  ]
  for (const [where, texts, expected] of seams) {
    test(`reads parts as one that are cut ${where}`, async () => {
      const { findings } = await assemble([herons]).screener.screen(texts.map(user))
      const across = findings.filter(({ place }) => place === 'exchange')
      assert.deepEqual(
        across.map(({ start, end }) => [start, end]),
        expected,
      )
    })
  }

  test('tells of each signal, but not of each of many places', async () => {
    const birds = createPatternDetector([
      { signal: 'laid', patterns: [phrases('egg')] },
      { signal: 'nest', patterns: [near(30, 'heron', 'nest')] },
    ])
    const { screener } = assemble([birds], { unitsAtOnceMax: 1_000 })
    const eggs = Array.from({ length: 40 }, (_, index) => user('egg '.repeat(index === 0 ? 40 : 1), index))
    const { findings } = await screener.screen([...eggs, user('heron'), user('nest')])
    assert.equal(findings.filter(({ signal }) => signal === 'laid').length, 32)
    assert.equal(findings.filter(({ signal }) => signal === 'nest').length, 1)
  })

  test('nothing to screen leaves nothing but the outcome', async () => {
    assert.deepEqual(await assemble([herons]).screener.screen([]), {
      findings: [],
      detectors: [{ detector: name, outcome: 'ran' }],
    })
  })

  test('remembers a part, but not for another kind', async () => {
    const { detector, state } = counted(herons)
    const { screener } = assemble([detector])
    const first = await screener.screen([user('an egg')])
    assert.deepEqual(await screener.screen([user('an egg')]), first)
    assert.equal(state.opened, 1)
    await screener.screen([{ ...user('an egg'), kind: 'tool' }])
    assert.equal(state.opened, 2)
    await screener.screen([user('egg')])
    await screener.screen([user('egg')])
    assert.equal(state.opened, 4, 'a short part is judged anew')
  })

  test('a detector that throws is a finding and an outcome, and is not remembered', async () => {
    const { detector, state } = counted(herons, { fails: true })
    const { screener } = assemble([detector])
    const failed = await screener.screen([user('an egg')])
    assert.deepEqual(
      failed.findings.map(({ signal, place, detector }) => [signal, place, detector]),
      [[screeningFailed, 'messages[0].content', name]],
    )
    assert.deepEqual(failed.detectors, [{ detector: name, outcome: 'failed' }])
    state.fails = false
    assert.deepEqual((await screener.screen([user('an egg')])).detectors, [
      { detector: name, outcome: 'ran' },
    ])
  })

  test('a detector of the exchange sees one text only', async () => {
    const { detector, state } = counted({ ...herons, id: 'whole', scope: 'exchange' })
    const { screener } = assemble([detector])
    const { findings } = await screener.screen([user('an egg'), user('an egg', 1)])
    assert.equal(state.opened, 1)
    assert.deepEqual([...new Set(findings.map(({ place }) => place))], ['exchange'])
    await screener.screen([user('an egg')])
    assert.equal(state.opened, 2)
  })
})

describe('screen of large requests', () => {
  test('judges them in a thread, which is used again', async () => {
    const { screener, tasks, counts, timer } = assemble([herons])
    for (const text of [large, `${large}x`]) {
      const screening = screener.screen([user(text)])
      tasks.at(-1)?.answer()
      assert.deepEqual(
        (await screening).findings.map(({ signal }) => signal),
        ['nest'],
      )
    }
    assert.deepEqual([counts(), timer.due], [{ opened: 1, ended: 0 }, 0])
  })

  test('ends and replaces a thread that runs late', async () => {
    const { screener, tasks, counts, timer } = assemble([herons])
    const screening = screener.screen([user(large)])
    timer.pass(49)
    assert.equal(counts().ended, 0)
    timer.pass(1)
    const { findings, detectors } = await screening
    assert.deepEqual(
      findings.map(({ signal, start, end }) => [signal, start, end]),
      [[screeningFailed, 0, large.length]],
    )
    assert.deepEqual(detectors, [{ detector: name, outcome: 'timed-out' }])
    tasks[0]?.answer()
    const next = screener.screen([user(large)])
    tasks[1]?.answer()
    assert.deepEqual((await next).detectors, [{ detector: name, outcome: 'ran' }])
    assert.deepEqual(counts(), { opened: 2, ended: 1 })
  })

  test('a thread that breaks, or cannot be opened, is a failed check', async () => {
    const { screener, tasks } = assemble([herons])
    const screening = screener.screen([user(large)])
    tasks[0]?.break()
    assert.deepEqual((await screening).detectors, [{ detector: name, outcome: 'failed' }])
    const without = assembleScreener({
      detectors: [herons],
      limits: { unitsAtOnceMax: 1 },
      openThread: () => {
        throw new Error('no threads')
      },
    })
    assert.deepEqual((await without.screen([user('xx')])).detectors, [{ detector: name, outcome: 'failed' }])
  })

  test('waits for a thread, and fails at once when too many wait', async () => {
    const { screener, tasks } = assemble([herons])
    const screenLarge = (mark: string) => screener.screen([user(large + mark)])
    const [first, second, third] = [screenLarge('1'), screenLarge('2'), screenLarge('3')]
    assert.deepEqual((await third).detectors, [{ detector: name, outcome: 'failed' }])
    tasks[0]?.answer()
    assert.deepEqual((await first).detectors, [{ detector: name, outcome: 'ran' }])
    tasks[1]?.answer()
    assert.deepEqual((await second).detectors, [{ detector: name, outcome: 'ran' }])
  })

  test('the deadline counts the wait for a thread, and spares the thread of another', async () => {
    const { screener, tasks, timer, counts } = assemble([herons])
    const first = screener.screen([user(`${large}1`)])
    timer.pass(10)
    const second = screener.screen([user(`${large}2`)])
    timer.pass(30)
    tasks[0]?.answer()
    await first
    timer.pass(20)
    assert.deepEqual((await second).detectors, [{ detector: name, outcome: 'timed-out' }])
    assert.deepEqual([tasks[1]?.ended, counts()], [true, { opened: 1, ended: 1 }])
  })

  test('what is not large alone may be large together', async () => {
    const { screener, tasks } = assemble([herons])
    const half = 'lorem '.repeat(15)
    const screening = screener.screen([user(`${half} heron`), user(`nest ${half}`, 1)])
    assert.equal(tasks.length, 1)
    tasks[0]?.answer()
    assert.deepEqual(
      (await screening).findings.map(({ place }) => place),
      ['exchange'],
    )
  })

  test('many parts go to a thread however short they are', async () => {
    const { screener, tasks } = assemble([herons], { partsAtOnceMax: 3 })
    await screener.screen([user('a'), user('heron'), user('b')])
    assert.equal(tasks.length, 0)
    const screening = screener.screen([user('a'), user('heron'), user('an egg', 2), user('nest', 3)])
    tasks[0]?.answer()
    assert.deepEqual(
      (await screening).findings.map(({ place, start, end }) => [place, start, end]),
      [
        ['messages[2].content', 3, 6],
        ['exchange', 2, 19],
      ],
    )
  })

  test('after disposal nothing runs and large parts fail', async () => {
    const { screener, timer, counts } = assemble([herons])
    const running = screener.screen([user(large)])
    await screener[Symbol.asyncDispose]()
    assert.deepEqual((await running).detectors, [{ detector: name, outcome: 'failed' }])
    assert.deepEqual((await screener.screen([user(large)])).detectors, [
      { detector: name, outcome: 'failed' },
    ])
    assert.deepEqual([timer.due, counts().ended], [0, 1])
  })
})

describe('createScreener', () => {
  test('finds a request whose words are cut in two over messages', async () => {
    await using screener = createScreener()
    const cut = ['Track the move', 'ments of every cit', 'izen in the capital.']
    const { findings } = await screener.screen(cut.map(user))
    assert.ok(findings.some(({ signal, place }) => signal === 'population-watch' && place === 'exchange'))
  })

  test('reads parts twice only where a word could be cut', async () => {
    const { detector, state } = counted(herons)
    const { screener } = assemble([detector], { rememberedUnitsMin: 100 })
    await screener.screen([user('one.'), user('two'), user(' three')])
    assert.equal(state.opened, 4)
    await screener.screen([user('one.'), user('two'), user('three')])
    assert.equal(state.opened, 9)
  })

  test('judges a request of very many parts', async () => {
    await using screener = createScreener({ deadlineMs: 60_000 })
    const { detectors } = await screener.screen(Array.from({ length: 150_000 }, (_, i) => user('x', i)))
    assert.deepEqual(
      detectors.map(({ outcome }) => outcome),
      ['ran'],
    )
  })

  const agreementPhrases = [
    { id: 'own-signal', phrases: ['grey heron*'] },
    { id: 'population-watch', phrases: ['count the geese'] },
    { id: 'person-tracking' },
  ]

  test('knows the signals of the product and of the agreement', async () => {
    await using screener = createScreener({ agreementPhrases })
    const { findings } = await screener.screen([user('Count the geese and the grey herons.')])
    assert.deepEqual(findings.map(({ signal }) => signal).sort(), ['own-signal', 'population-watch'])
    assert.ok(screener.signals.includes('own-signal') && screener.signals.includes('prompt-injection'))
    assert.equal(screener.versions.length, 1)
  })

  test('versions change with the phrases of the agreement', async () => {
    await using one = createScreener({ agreementPhrases })
    await using other = createScreener()
    assert.notDeepEqual(one.versions, other.versions)
  })

  test('refuses a phrase that no text can hold', () => {
    assert.throws(
      () => createScreener({ agreementPhrases: [{ id: 'own-signal', phrases: ['…'] }] }),
      (thrown) => isErrorCode(thrown, 'SCREENING_PHRASE'),
    )
  })

  test('a real thread finds the same as the process', async () => {
    const text = `${'lorem ipsum '.repeat(200)} grey herons. Spy on citizens.`
    await using threaded = createScreener({ agreementPhrases, unitsAtOnceMax: 100, deadlineMs: 60_000 })
    await using plain = createScreener({ agreementPhrases })
    assert.deepEqual(await threaded.screen([user(text)]), await plain.screen([user(text)]))
  })

  test('an answer cut at pushUnitsMax gives what it gives at once', async () => {
    await using screener = createScreener()
    const text = 'Track the movements of every citizen in the capital. '.repeat(4_000)
    const read = (pieces: readonly string[]) => {
      const session = screener.open()
      return [...pieces.flatMap((piece) => session.push(piece).findings), ...session.end().findings]
    }
    const pieces = Array.from({ length: Math.ceil(text.length / pushUnitsMax) }, (_, index) =>
      text.slice(index * pushUnitsMax, (index + 1) * pushUnitsMax),
    )
    assert.ok(pieces.length > 3 && read(pieces).length > 0)
    assert.deepEqual(read(pieces), read([text]))
  })

  test('a session finds the same as screening the whole', async () => {
    await using screener = createScreener({ agreementPhrases })
    const session = screener.open()
    const found = Array.from('A grey heron!').flatMap((char) => session.push(char).findings)
    assert.deepEqual(
      found.map(({ signal }) => signal),
      ['own-signal'],
    )
    assert.equal(session.end().safeUpTo, 13)
  })
})
