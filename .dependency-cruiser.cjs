/** Which room may know which: the direction of the design, held by a tool. */

/** Each room and all that it may import. `cli` and `main` may import everything and are known to nobody. */
const rooms = {
  base: [],
  agreement: ['base'],
  decision: ['agreement', 'base'],
  ledger: ['base'],
  http: ['base'],
  records: ['ledger', 'base'],
  screening: ['agreement', 'base'],
  identity: ['agreement', 'base'],
  upstream: ['agreement', 'base'],
  oversight: ['decision', 'agreement', 'ledger', 'records', 'base'],
  recorder: ['ledger', 'records', 'base'],
  // What is in force is read from what the recorder has admitted.
  standing: ['recorder', 'decision', 'agreement', 'ledger', 'base'],
  certificate: ['ledger', 'records', 'decision', 'agreement', 'base'],
  // Implements contracts that these rooms own.
  store: ['recorder', 'standing', 'oversight', 'ledger', 'records', 'agreement', 'base'],
  gateway: [
    'http',
    'identity',
    'standing',
    'oversight',
    'screening',
    'recorder',
    'records',
    'ledger',
    'upstream',
    'decision',
    'agreement',
    'base',
  ],
  // The provider's gate: at the model, with no content, no rules but those of the schedule, and no detectors yet.
  gate: ['http', 'standing', 'recorder', 'records', 'ledger', 'upstream', 'agreement', 'base'],
  api: [
    'decision',
    'identity',
    'oversight',
    'standing',
    'ledger',
    'records',
    'recorder',
    'certificate',
    'agreement',
    'base',
  ],
}
// Starts what runs as processes and threads, so it puts all the rooms together.
rooms.process = Object.keys(rooms)

const inRoom = (names) => `^src/(${names.join('|')})/`
const tests = '\\.test\\.ts$'
/** What tests prepare for each other. */
const testSupport = '(\\.fixture\\.ts|/(sample|example)-[^/]+\\.ts)$'

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, known]) => ({
      name: `what-${room}-knows`,
      comment: `${room} may know ${known.join(', ') || 'no other room'}`,
      severity: 'error',
      from: { path: inRoom([room]), pathNot: [tests, testSupport] },
      to: { path: '^(src|test|bench|examples)/', pathNot: inRoom([room, ...known]) },
    })),
    {
      name: 'every-room-has-a-rule',
      comment: 'a new folder of src needs a line in this table',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: inRoom([...Object.keys(rooms), 'cli']) },
      to: {},
    },
    {
      name: 'main-and-cli-are-known-to-nobody',
      severity: 'error',
      from: { path: '^src/', pathNot: [inRoom(['cli']), '^src/main\\.ts$', tests] },
      to: { path: [inRoom(['cli']), '^src/main\\.ts$'] },
    },
    {
      name: 'rooms-are-entered-by-their-door',
      comment:
        'another room is imported through its index.ts; tests may use what tests of other rooms prepare. ' +
        'The schedule’s shapes and reserved words are a second door of the agreement: a screening thread needs ' +
        'them, and not the compiler with all of Cedar behind it.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: [tests, testSupport] },
      to: {
        path: '^src/[^/]+/',
        pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$', '^src/agreement/schedule\\.ts$'],
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-knows-a-test',
      severity: 'error',
      from: { pathNot: tests },
      to: { path: tests },
    },
    {
      name: 'the-product-knows-no-test-support',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, testSupport] },
      to: { path: testSupport, pathNot: '^node_modules' },
    },
    {
      name: 'no-unresolved-imports',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-dependencies-in-the-product',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests, '-contract\\.ts$'] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(node_modules|\\.servanda)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
}
