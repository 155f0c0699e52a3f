/** What each diagnostic code means and what to do about it, for tools that show rules; docs/errors.md says the same. */
import type { DiagnosticCode } from './diagnostic.ts'

export interface DiagnosticMeaning {
  readonly meaning: string
  readonly remedy: string
}

export const diagnosticMeanings: Readonly<Record<DiagnosticCode, DiagnosticMeaning>> = {
  AGREEMENT_ALIAS: {
    meaning: 'The front matter uses an anchor, an alias, a tag or a directive of YAML.',
    remedy: 'Write the value out.',
  },
  AGREEMENT_APPROVALS: {
    meaning: 'Approvals stand where they do not make a plain hold.',
    remedy:
      'Write `unless { context.approvals.contains(Level::"…") }` on a forbid, joined by `&&` and nothing else.',
  },
  AGREEMENT_BLANKET_PERMIT: {
    meaning: 'A permit has no limit at all.',
    remedy: 'Name the units, purposes or models that it is for.',
  },
  AGREEMENT_CEDAR_SYNTAX: { meaning: 'A rule cannot be parsed.', remedy: 'Correct it at the place named.' },
  AGREEMENT_CEDAR_TYPE: {
    meaning: 'A rule does not fit the schema that the schedule gives.',
    remedy: 'Compare the words with the vocabulary in docs/agreement-file.md.',
  },
  AGREEMENT_CHARACTER: {
    meaning: 'The file is not UTF-8, or holds an invisible character.',
    remedy: 'Remove the character.',
  },
  AGREEMENT_CLAUSE_UNKNOWN: {
    meaning: 'A line of the schedule names a clause that the text does not have.',
    remedy: 'Name the clause that the line stands under.',
  },
  AGREEMENT_CYCLE: {
    meaning: 'Units belong to each other in a circle.',
    remedy: 'Take one `in` out of the circle.',
  },
  AGREEMENT_DUPLICATE_CLAUSE: { meaning: 'Two clauses have the same number.', remedy: 'Number them anew.' },
  AGREEMENT_DUPLICATE_KEY: { meaning: 'A key stands twice in one map.', remedy: 'Keep one of them.' },
  AGREEMENT_EMPTY_BLOCK: {
    meaning: 'A block of rules holds no rule.',
    remedy: 'Write a rule, or remove the block.',
  },
  AGREEMENT_EMPTY_LIST: {
    meaning: 'A part of the schedule that calls depend on is empty.',
    remedy: 'List its words, or accept that nothing is permitted.',
  },
  AGREEMENT_EXCLUSION: {
    meaning: 'An exclusion names no unit or provider, or both.',
    remedy: 'Name exactly one; write two lines for two.',
  },
  AGREEMENT_FENCE: {
    meaning: 'A fence opens no block of rules, or stands where readers of Markdown would disagree about it.',
    remedy: 'Start it in the first column, with `cedar` and nothing else behind it; write examples as prose.',
  },
  AGREEMENT_FENCE_UNCLOSED: {
    meaning: 'A block is not closed.',
    remedy: 'End it with a line of the same fence.',
  },
  AGREEMENT_FINDING_NEGATED: {
    meaning: 'A rule is lifted by a finding.',
    remedy: 'Let findings stand un-negated in the `when` of a forbid.',
  },
  AGREEMENT_FRONT_MATTER: {
    meaning: 'The front matter is missing, not closed, or there twice.',
    remedy: 'Begin the file with one map between two lines `---`.',
  },
  AGREEMENT_HEADING: {
    meaning: 'A heading is not read as a clause, or readers of Markdown would disagree about it.',
    remedy: 'Write `#` to `######`, a number, and the title, on a line of its own.',
  },
  AGREEMENT_HTML: {
    meaning:
      'The text holds HTML, or Markdown whose words show nowhere: images, titles and definitions of links.',
    remedy: 'Write it in words that everyone sees; links as `[text](address)`.',
  },
  AGREEMENT_ID: {
    meaning: 'An id has another form than ids have.',
    remedy: 'Use kebab-case; for tools, the name that the model uses.',
  },
  AGREEMENT_KEY: {
    meaning: 'A party’s key is not a public key, or stands there twice.',
    remedy: 'Give 32 bytes in base64, different ones over all parties.',
  },
  AGREEMENT_LEVEL_PERSONS: {
    meaning:
      'The title of a level begins with more persons than `persons` asks, which is one where nothing is said.',
    remedy: 'Write `persons`, or say in the title how many are asked.',
  },
  AGREEMENT_LIMIT: {
    meaning: 'Something is longer, deeper or more numerous than is accepted.',
    remedy: 'Shorten it or divide it.',
  },
  AGREEMENT_LINE_ENDING: {
    meaning: 'A line ends with a carriage return, so that two files that look the same have two digests.',
    remedy: 'Save the file with line feeds only.',
  },
  AGREEMENT_MISSING_KEY: { meaning: 'A key that is needed is missing.', remedy: 'Add it.' },
  AGREEMENT_MONEY: {
    meaning: 'An amount is not one, or the allotted part is more than the ceiling.',
    remedy: 'Write units of the currency with at most six decimals.',
  },
  AGREEMENT_NOT_ACCEPTED: {
    meaning: 'A rule uses a part of Cedar that is not accepted here.',
    remedy: 'See “What of Cedar is accepted” in docs/agreement-file.md.',
  },
  AGREEMENT_NUMBER: {
    meaning: 'A number is not a whole one, or out of range.',
    remedy: 'Write a number within the range that the message names.',
  },
  AGREEMENT_PARTIES: {
    meaning: 'A role that must be there has no party, or two parties are under one control.',
    remedy: 'Name an agency and a provider, and list parties under one control as one.',
  },
  AGREEMENT_PERMIT_READS: {
    meaning: 'A permit depends on findings or approvals.',
    remedy: 'Write a forbid for what must not pass.',
  },
  AGREEMENT_QUORUM: {
    meaning:
      'The quorum of a level cannot be read, or asks for another number of persons than `persons` says.',
    remedy:
      'Write `two of reviewers of field-clinics and one of counsel`, and leave `persons` out or let it say the sum.',
  },
  AGREEMENT_REFERENCE: {
    meaning: 'A line of the schedule names a word that the schedule does not have.',
    remedy: 'Correct the word, or list it.',
  },
  AGREEMENT_RESERVED_WORD: { meaning: 'A word is one of the system’s own.', remedy: 'Choose another.' },
  AGREEMENT_RETENTION: {
    meaning: 'Records are kept for less than 180 days.',
    remedy: 'Write 180 days or more.',
  },
  AGREEMENT_RULE_IMPOSSIBLE: {
    meaning:
      'The rule makes no difference to any call that can happen; a warning where only an exclusion is the reason.',
    remedy:
      'Correct what contradicts itself in it, its stage or action, or what the schedule already forbids; or take it out.',
  },
  AGREEMENT_RULE_OUTSIDE_BLOCK: {
    meaning: 'Text reads like a rule but stands in no `cedar` block, so that it has no effect.',
    remedy: 'Put it into a `cedar` block, or word it as prose.',
  },
  AGREEMENT_RULE_OUTSIDE_CLAUSE: {
    meaning: 'A block of rules stands under no clause.',
    remedy: 'Move it under the clause that it belongs to.',
  },
  AGREEMENT_RULE_UNPROVED: {
    meaning: 'It could not be shown that some call can meet the rule.',
    remedy: 'Look whether the rule says what it should; simplify it.',
  },
  AGREEMENT_TERM: { meaning: 'The term ends before it begins.', remedy: 'Correct `from` and `until`.' },
  AGREEMENT_THRESHOLD: {
    meaning:
      'A party needs more signatures than it has signers, or fewer for what loosens than for what tightens.',
    remedy: 'Set `threshold` from 1 to the number of its signers, and `loosening` from there.',
  },
  AGREEMENT_TIME: { meaning: 'A time is not one.', remedy: 'Write it as `2026-03-01T00:00:00Z`.' },
  AGREEMENT_TYPE: {
    meaning: 'A value is of another kind than its key takes.',
    remedy: 'Write a text, a number, a list or a map, as the message says.',
  },
  AGREEMENT_UNKNOWN_KEY: {
    meaning: 'A key is not known, so that what it says would have no effect.',
    remedy: 'Correct its spelling, or remove it.',
  },
  AGREEMENT_UNKNOWN_WORD: {
    meaning: 'A rule uses a word that the schedule does not list.',
    remedy: 'Correct its spelling, or list it.',
  },
  AGREEMENT_UNUSED_WORD: {
    meaning: 'A word of the schedule is used by no rule.',
    remedy: 'Use it, or remove it.',
  },
  AGREEMENT_UPSTREAM: {
    meaning: 'A route’s upstream is neither `rehearsal` nor a base URL.',
    remedy: 'Write `rehearsal`, or `http://…` or `https://…` without user, query or fragment.',
  },
  AGREEMENT_VALUE: {
    meaning: 'A value is empty, too long, or of another form than its key takes.',
    remedy: 'Correct it as the message says.',
  },
  AGREEMENT_VERSION: {
    meaning:
      'The version of the format or of the agreement, or the digest of the version before, is not right.',
    remedy: 'Write `servanda: 1`, a version from 1 on, and `previous` from version 2 on.',
  },
  AGREEMENT_YAML: { meaning: 'The front matter is not YAML.', remedy: 'Correct it at the place named.' },
  LINT_AI_SYSTEM: {
    meaning: 'The text speaks of an AI system, and the schedule does not list what that is.',
    remedy: 'List providers, models, versions, routes and surfaces.',
  },
  LINT_ALL_LAWFUL: {
    meaning:
      'A grant in general words leaves the limit to whoever reads the law; a warning where a prohibition overrides it in every case.',
    remedy: 'Grant listed purposes, and forbid in every case what must not be.',
  },
  LINT_APPLICABLE_LAW: {
    meaning: 'The text leans on law that no norm of the schedule pins.',
    remedy: 'List the norm with its edition, and restate what it asks for as a test that can be observed.',
  },
  LINT_CLAUSE_WITHOUT_RULE: {
    meaning: 'A clause has prose and no rule, and does not say so.',
    remedy: 'Write its rule, or a paragraph that begins with `This clause has no rule`.',
  },
  LINT_CONTROL_CONDITIONAL: {
    meaning:
      'People decide in some cases only: where a norm asks for it (an error), or where a rule holds some acts of a class and not others (a warning).',
    remedy: 'Let people decide in every case of the class, or forbid the act.',
  },
  LINT_COULD_TERMINATE: {
    meaning: 'The text threatens an end, and the schedule names no orderly way to it.',
    remedy: 'List suspension, notice, cure, wind-down and evidence under `duties`.',
  },
  LINT_DUTY_MISSING: {
    meaning: 'The schedule names no clause for a duty that every agreement needs.',
    remedy: 'Write the clause, and name it under `duties`.',
  },
  LINT_GRANT_UNBOUNDED: {
    meaning: 'No prohibition overrides a grant in every case.',
    remedy:
      'Write a forbid that one finding, origin, act, purpose or consumer alone brings about, without `unless`.',
  },
  LINT_INTENT: {
    meaning: 'The text depends on what somebody means, which no gate can see.',
    remedy: 'Decide on effect; let intent only say what follows between the parties.',
  },
  LINT_LOOSENING: {
    meaning: 'For a party it takes no more signers to loosen the agreement than to tighten it.',
    remedy: 'List another signer, or raise `loosening`.',
  },
  LINT_NORM_UNPINNED: {
    meaning: 'A norm of the schedule has no date, or no digest.',
    remedy: 'Write the date of its edition, and the digest of its text.',
  },
  LINT_PRIVATE_INFORMATION: {
    meaning:
      'The text protects private information, and the schedule leaves out some other kind of personal data.',
    remedy: 'Let `protected` list private, purchased, public and inferred data.',
  },
  LINT_PROTECTION: {
    meaning: 'The schedule does not say whom and which data the prohibitions protect, or leaves some out.',
    remedy: 'Write `protected` with `all-natural-persons` and all four kinds of data.',
  },
  LINT_PURPOSE_EXPIRY: {
    meaning: 'A purpose that a grant opens has no end of its own.',
    remedy: 'Write `until`.',
  },
  LINT_PURPOSE_OWNER: {
    meaning: 'Nobody answers for a purpose that a grant opens.',
    remedy: 'Write `owner`, an office and never a person.',
  },
  LINT_QUORUM: {
    meaning:
      'A level asks for approvals that nobody can give: of more persons than hold a role, or of a unit that is excluded.',
    remedy: 'Ask for fewer, let more persons hold the role, or name another unit.',
  },
  LINT_RETENTION: {
    meaning: 'The schedule does not say how long records are kept.',
    remedy: 'Write `retention`, 180 days or more.',
  },
  LINT_UNCONSTRAINED: {
    meaning: 'The text forbids only what has no constraint at all.',
    remedy:
      'Say which constraints there must be: selector, purpose, window, budget of persons, who approves.',
  },
  LINT_UNFINISHED: {
    meaning: 'The agreement is too large for lint to answer all that it asks of the rules.',
    remedy: 'Write fewer rules with fewer alternatives.',
  },
  LINT_UNIT_UNREACHABLE: {
    meaning: 'No grant reaches a unit that is listed and not excluded.',
    remedy: 'Write the grant, take the unit out, or exclude it.',
  },
  LINT_US_PERSONS: {
    meaning: 'The text protects persons of one nationality, and the schedule does not protect all.',
    remedy: 'Let `protected` say `all-natural-persons`.',
  },
}
