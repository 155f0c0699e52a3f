// Verifies an exclusion certificate by docs/evidence.md alone: node verify-exclusion.mjs CERTIFICATE EVIDENCE VKEY
import { createHash, createPublicKey, verify } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'

const [certificateFile, directory, vkeyFile] = process.argv.slice(2)
const predicateHash = 'sha256:78c645b610c53a71da824082d37492ed32e975ccb1c27f95246bd40367da7829'
const limitsHash = '8672802655ff099125d5bf84dfc24cc2c385dd3096ee0f76e9da715a273dbc0f'
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const instant = (time) => new Date(time).toISOString()
const sorted = (_, of) => (of?.constructor === Object ? Object.fromEntries(Object.entries(of).sort()) : of)
const same = (a, b) => JSON.stringify(a, sorted) === JSON.stringify(b, sorted)
const check = (holds, wrong) => holds || process.exit(console.log(`rejected: ${wrong}`) ?? 1)

// The envelope, and the signature of the log over it.
const [, origin, key] = readFileSync(vkeyFile, 'utf8').match(/^(.+)\+[0-9a-f]{8}\+(\S+)/)
const { payloadType: type, payload, signatures } = JSON.parse(readFileSync(certificateFile))
const body = Buffer.from(payload, 'base64')
const signed = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${body.length} `), body])
const spki = [Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(key, 'base64').subarray(1)]
const publicKey = createPublicKey({ key: Buffer.concat(spki), format: 'der', type: 'spki' })
const isSigned = ({ sig }) => verify(null, signed, publicKey, Buffer.from(sig, 'base64'))
check(type === 'application/vnd.servanda.certificate+json' && signatures.some(isSigned), 'the signature')
const claimed = JSON.parse(body)
const { supplier, entry, limits } = claimed
const [from, to] = [Date.parse(claimed.from), Date.parse(claimed.to)]

// The entries up to the one that bounds the certificate, and their Merkle root.
const total = Number(readFileSync(`${directory}/checkpoint`, 'utf8').split('\n')[1])
const entries = []
check(entry < total, `the evidence ends before entry ${entry}`)
for (let n = 0; n * 256 <= entry; n++) {
  const digits = String(n).padStart(Math.ceil(String(n).length / 3) * 3, '0')
  const path = `${directory}/tile/entries/${digits.replace(/\d{3}(?=\d)/g, 'x$&/')}`
  const partial = `${path}.p/${total - n * 256}`
  const bundle = readFileSync(existsSync(partial) ? partial : path)
  for (let at = 0; at < bundle.length && entries.length <= entry; at += 2 + bundle.readUInt16BE(at))
    entries.push(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at)))
}
const rootOf = (hashes, half = 2 ** (Math.ceil(Math.log2(hashes.length)) - 1)) =>
  hashes.length === 1 ? hashes[0] : sha256('\x01', rootOf(hashes.slice(0, half)), rootOf(hashes.slice(half)))
const root = rootOf(entries.map((bytes) => sha256('\x00', bytes))).toString('base64')

// Everything that these entries give, counted anew.
const leaves = entries.map((bytes) => JSON.parse(bytes))
const follows = ({ seq, time }, index) => seq === index && time >= (leaves[index - 1]?.time ?? 0)
check(leaves.every(follows), 'the entries do not follow each other')
const [opened, bound] = [leaves[0], leaves[entry]]
const asked = { ...bound, kind: 'certificate', certificate: 'exclusion', supplier, from, to }
check(same(bound, asked) && from < to && to <= bound.time, 'entry: it does not bound this certificate')
const inside = leaves.filter(({ time }) => time >= from && time < to)
const ended = new Set(leaves.filter(({ time }) => time < from).map(({ intent, served }) => intent ?? served))
const begun = leaves.filter(({ kind, time }) => (kind === 'intent' || kind === 'served') && time < to)
const calls = begun.filter(({ seq, time }) => time >= from || !ended.has(seq))
const hidden = calls.find(({ provider = supplier }) => provider === supplier)
check(!hidden, `entry ${hidden?.seq} is a call to ${supplier}`)
const sum = (kind, of) => inside.reduce((all, leaf) => all + (leaf.kind === kind ? of(leaf) : 0), 0)
const [before, after] = [leaves.findLast(({ time }) => time < from), leaves.find(({ time }) => time >= to)]
const place = (leaf) => (leaf ? { index: leaf.seq, time: instant(leaf.time) } : null)
const callsByProvider = {}
for (const { provider: code } of calls) callsByProvider[code] = (callsByProvider[code] ?? 0) + 1
const counts = {
  ...{ calls: calls.length, entries: inside.length, toSupplier: 0, gaps: sum('gap', () => 1) },
  gapRefusals: sum('gap', ({ refusals }) => refusals),
  turnedAway: sum('turned-away', ({ count }) => count),
  refusedToSupplier: sum('refusal', ({ provider }) => provider === supplier),
  interrupted: inside.filter(({ status }) => status === 'interrupted').length,
}
const given = {
  ...{ v: 1, certificate: 'exclusion', supplier, from: instant(from), to: instant(to), limits },
  ...{ origin, role: opened.role ?? 'agency', size: entry + 1, root, entry, counts, callsByProvider },
  ...{ oneParty: true, begins: instant(opened.time), coversWholePeriod: from >= opened.time },
  range: { start: (before?.seq ?? -1) + 1, end: after.seq, before: place(before), after: place(after) },
  predicate: { name: 'servanda/exclusion', version: 1, hash: predicateHash },
  supplierNamed: leaves.some(({ provider }) => provider === supplier),
  demo: leaves.some(({ demo }) => demo),
  rehearsal: calls.some(({ upstream }) => upstream === 'rehearsal'),
}
check(sha256(JSON.stringify(limits)).toString('hex') === limitsHash, 'limits')
for (const name in { ...given, ...claimed }) check(same(given[name], claimed[name]), `${name} is false`)
console.log(`accepted: no call to ${supplier} from ${claimed.from} to ${claimed.to} in ${origin}`)
