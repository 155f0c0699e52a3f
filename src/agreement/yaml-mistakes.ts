/** What is wrong with a YAML text, in words for whoever wrote it. The library speaks to programmers. */
import type { ErrorCode } from 'yaml'

export interface YamlMistake {
  readonly message: string
  readonly help: string
}

const indirection: YamlMistake = {
  message: 'an anchor, alias or tag stands where none can be read',
  help: 'write each value out where it stands',
}
const line: YamlMistake = {
  message: 'this line is no `key: value`',
  help: 'put a colon and a space after the key, and keep key and colon on one line',
}

const mistakes: Readonly<Record<ErrorCode, YamlMistake>> = {
  ALIAS_PROPS: indirection,
  BAD_ALIAS: indirection,
  BAD_COLLECTION_TYPE: indirection,
  BAD_PROP_ORDER: indirection,
  MULTIPLE_ANCHORS: indirection,
  MULTIPLE_TAGS: indirection,
  TAG_RESOLVE_FAILED: indirection,
  BAD_DIRECTIVE: {
    message: 'a line that begins with `%` cannot be read',
    help: 'remove it; the schedule takes no directives',
  },
  BAD_DQ_ESCAPE: {
    message: 'a backslash stands before a character that it does not go with',
    help: 'write the backslash twice, or use single quotation marks',
  },
  BAD_INDENT: {
    message: 'this is not indented like what stands beside it, or a bracket before it is not closed',
    help: 'indent lines of one list alike, and close each `{` and `[`',
  },
  BAD_SCALAR_START: {
    message: 'a value begins with a character that YAML keeps for itself',
    help: 'put the value in quotation marks',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second `key:` stands on the same line',
    help: 'put it on a line of its own, or a value with a colon in quotation marks',
  },
  BLOCK_IN_FLOW: {
    message: 'a comma is missing between brackets, or a list with hyphens stands there',
    help: 'separate the entries between `{` and `}` by commas',
  },
  DUPLICATE_KEY: { message: 'a key stands twice in one map', help: 'remove one of the two' },
  IMPOSSIBLE: { message: 'this cannot be read', help: 'write `key: value`, as in docs/agreement-file.md' },
  KEY_OVER_1024_CHARS: {
    message: 'a key is longer than 1024 characters',
    help: 'shorten it, or see whether a quotation mark before it is not closed',
  },
  MISSING_CHAR: {
    message: 'a quotation mark, bracket, comma or colon is missing',
    help: 'close each `"`, `{` and `[`, separate entries by commas, and put a colon and a space after each key',
  },
  MULTILINE_IMPLICIT_KEY: line,
  MULTIPLE_DOCS: {
    message: 'a second document begins within the front matter',
    help: 'an agreement has one schedule: remove the line of hyphens or dots',
  },
  NON_STRING_KEY: { message: 'a key is not plain text', help: 'write the key as a word' },
  RESOURCE_EXHAUSTION: {
    message: 'the front matter nests too deep to be read',
    help: 'the lines of a schedule nest three deep',
  },
  TAB_AS_INDENT: { message: 'a tab stands where spaces must', help: 'indent with spaces' },
  UNEXPECTED_TOKEN: {
    message: 'something stands here that does not belong here',
    help: 'see whether a quotation mark or bracket before it is missing or one too many, and give each key a line',
  },
}

export const tooDeep: YamlMistake = mistakes.RESOURCE_EXHAUSTION

/** A code that a later version of the library adds is still said in our words. */
export function yamlMistake(code: ErrorCode): YamlMistake {
  return Object.hasOwn(mistakes, code) ? mistakes[code] : mistakes.IMPOSSIBLE
}
