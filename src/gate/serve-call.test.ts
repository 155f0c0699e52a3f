/** What the other side is told of a call that was let through and then stopped before a model was asked. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { BoundedReply } from '../http/index.ts'
import type { ServedStatus } from '../ledger/index.ts'
import { openIntentReceipt } from '../records/index.ts'
import { sampleBody, sampleIntent, sampleLog } from '../records/sample-intent.ts'
import { RunningExchanges } from '../standing/index.ts'
import { agreement, openSampleGate } from './sample-gate.fixture.ts'
import { serveCall } from './serve-call.ts'
import type { ServeDeps } from './serve-call.ts'

test('serveCall says with a header that no model was asked, where a stop comes before that', async () => {
  await using gate = await openSampleGate()
  const ends: ServedStatus[] = []
  const written = { seq: 2, receipt: 'a receipt' }
  const deps: ServeDeps = {
    clock: gate.lease,
    lease: gate.lease,
    running: new RunningExchanges(),
    recorder: {
      // The order comes between the entry and the model.
      serve: async () => {
        await gate.stop()
        return written
      },
      note: () => Promise.resolve(written),
    },
    upstreamOf: () => assert.fail('no model may be asked'),
    ended: (status) => ends.push(status),
  }
  const intent = openIntentReceipt((await sampleIntent({ leaf: { text: agreement.hash } })).header, sampleLog)
  const call = { intent, body: sampleBody, stream: false }
  await using server = createServer((_request, raw) => {
    // A call that is turned away has no answer yet, so the test would wait for it.
    void serveCall(call, deps, new BoundedReply(raw, 1000)).then((refusal) => refusal && raw.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  assert.deepEqual([response.status, response.headers.get('servanda-refusal')], [403, 'stopped'])
  assert.match(await response.text(), /"code":"stopped_by_order"/)
  assert.deepEqual(ends, ['stopped'])
})
