/** The Cedar schema of one agreement: closed vocabularies are enumerations, so that no word can be misspelt. */
import type { EntityType, Vocabulary } from './vocabulary.ts'

const enumerations: readonly EntityType[] = [
  'Purpose',
  'Surface',
  'Consumer',
  'Stage',
  'Provenance',
  'Signal',
  'Level',
]

const context = `{
    purpose: Purpose,
    surface: Surface,
    consumer: Consumer,
    stage: Stage,
    chain: Set<Unit>,
    provenance: Set<Provenance>,
    findings: Set<Signal>,
    approvals: Set<Level>,
    time: datetime,
    committed: Long,
    persons: Long,
  }`

export function cedarSchema(vocabulary: Vocabulary): string {
  const words = (type: EntityType): string => [...vocabulary.all[type]].map((word) => `"${word}"`).join(', ')
  return [
    'entity Unit in [Unit];',
    'entity Provider;',
    'entity Model in [Provider];',
    ...enumerations.map((type) => `entity ${type} enum [${words(type)}];`),
    `action ${words('Action')} appliesTo {`,
    '  principal: [Unit],',
    '  resource: [Model],',
    `  context: ${context}`,
    '};',
    '',
  ].join('\n')
}
