/** The store that other tests rest on keeps the contract itself. */
import { MemoryRows, MemoryStore } from './memory-store.ts'
import { testRecorderStore } from './store-contract.ts'

testRecorderStore('MemoryStore', () => {
  const rows = new MemoryRows()
  return Promise.resolve({
    open: () => Promise.resolve(new MemoryStore(rows)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  })
})
