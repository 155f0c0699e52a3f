/** A comparison as JSON: all of it, with what the text leaves out. */
import { sharedInWords, textsOf } from './report.ts'
import type { ComparedFile, DiffReport } from './report.ts'
import { unifiedPatch } from './text-difference.ts'

export function diffJson(report: DiffReport): object {
  const { before, after, comparison, verdict, groups, terms, confirmed } = report
  return {
    verdict: comparison.verdict,
    says: verdict,
    before: fileJson(before),
    after: fileJson(after),
    confirmed,
    groups: groups.map((group) => ({
      change: group.direction,
      clause: group.clause,
      says: group.heading,
      shared: sharedInWords(group),
      changes: group.changes.map(({ number }) => number),
    })),
    changes: groups.flatMap((group) =>
      group.changes.map(({ number, words, witness }) => ({
        number,
        change: words.region.change,
        before: words.region.before,
        after: words.region.after,
        sentences: words.sentences,
        covered: words.region.covered,
        essence: words.region.essence,
        told: words.region.told,
        boxes: words.region.boxes,
        witness,
      })),
    ),
    terms,
    textChanged: comparison.textChanged,
    patch: unifiedPatch(...textsOf(report)),
  }
}

function fileJson({ file, agreement: { schedule, hash } }: ComparedFile): object {
  return { file, id: schedule.id, version: schedule.version, title: schedule.title, hash }
}
